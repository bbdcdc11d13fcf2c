-- Sets the expiry of a named lease. No row if the lease is lost. The first statement locks the row, because a
-- statement that waits for a lock goes on with the time at which it began.
-- name, owner, token, duration (microseconds)
select token
from lease_lease
where name = :name and owner = :owner and token = :token
for update;

update lease_lease
set expires_at = {now} + :duration
where name = :name and expires_at > {now};

select name, owner, token, expires_at, expires_at - :duration as as_of
from lease_lease
where name = :name
