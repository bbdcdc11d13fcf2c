insert into lease_lease (name, owner, token, expires_at)
values (:name, :owner, 0, 0)
on duplicate key update token = token;

update lease_lease
set owner = :owner, token = greatest(token + 1, {now}, (select token + 1 from lease_token_floor)),
    expires_at = {now} + :duration, note = :note
where name = :name and expires_at <= {now};

select name, owner, token, expires_at, note, expires_at - :duration as as_of
from lease_lease
where name = :name
