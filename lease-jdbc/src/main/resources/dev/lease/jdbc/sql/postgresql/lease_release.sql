-- Releases named leases that are held. The rows stay, for their tokens.

-- One lease.
-- name, owner, token
update lease_lease
set expires_at = 0
where name = :name and owner = :owner and token = :token and expires_at > {now};

-- Many leases.
-- arrays: name, owner, token
update lease_lease l
set expires_at = 0
from unnest(:name, :owner, :token) as s(name, owner, token)
where l.name = s.name and l.owner = s.owner and l.token = s.token and l.expires_at > {now}
returning l.name, l.owner, l.token
