-- Releases a named lease. The row stays, for its token.
-- name, owner, token
update lease_lease
set expires_at = 0
where name = :name and owner = :owner and token = :token and expires_at > {now}
