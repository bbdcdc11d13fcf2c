-- Reads a named lease that is held.
-- name
select name, owner, token, expires_at, note, {asof} as as_of
from lease_lease
where name = :name and expires_at > {asof}
