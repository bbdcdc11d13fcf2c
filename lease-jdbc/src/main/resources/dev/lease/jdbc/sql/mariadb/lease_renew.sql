-- Sets the expiry of a named lease, and its note if there is one. No row if the lease is lost. The first statement
-- locks the row, because a statement that waits for a lock goes on with the time at which it began.
-- name, owner, token, duration (microseconds), note or null
select token
from lease_lease
where name = :name and owner = :owner and token = :token
for update;

update lease_lease
set expires_at = {now} + :duration, note = coalesce(:note, note)
where name = :name and expires_at > {now};

select name, owner, token, expires_at, note, expires_at - :duration as as_of
from lease_lease
where name = :name
