-- Sets the expiry of a named lease, and its note if there is one. No row if the lease is lost.
-- name, owner, token, duration (microseconds), note or null
update lease_lease
set expires_at = {now} + :duration, note = coalesce(:note, note)
where name = :name and owner = :owner and token = :token and expires_at > {now}
returning name, owner, token, expires_at, note, expires_at - :duration as as_of
