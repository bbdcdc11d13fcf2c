select token
from final table (
  merge into lease_lease as lease
  using (values (cast(:name as varchar), cast(:owner as varchar))) as new (name, owner)
  on lease.name = new.name
  when matched then update set token = lease.token
  when not matched then insert (name, owner, token, expires_at) values (new.name, new.owner, 0, 0));

update lease_lease
set owner = :owner, token = greatest(token + 1, {now}, (select token + 1 from lease_token_floor)),
    expires_at = {now} + :duration, note = :note
where name = :name and expires_at <= {now};

select name, owner, token, expires_at, note, expires_at - :duration as as_of
from lease_lease
where name = :name
