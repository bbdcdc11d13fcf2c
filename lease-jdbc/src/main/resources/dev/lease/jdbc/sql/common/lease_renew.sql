-- Sets the end of a named lease that is held; no row if it is lost.
-- name, owner, token, duration (microseconds)
update lease_lease
set expires_at = {now} + :duration
where name = :name and owner = :owner and token = :token and expires_at > {now}
returning name, owner, token, expires_at, expires_at - :duration as as_of
