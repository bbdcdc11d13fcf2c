-- Sets the expiry of a named lease. No row if the lease is lost.
-- name, owner, token, duration (microseconds)
update lease_lease
set expires_at = {now} + :duration
where name = :name and owner = :owner and token = :token and expires_at > {now}
returning name, owner, token, expires_at, expires_at - :duration as as_of
