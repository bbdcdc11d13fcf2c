select name, owner, token, expires_at, {asof} as as_of
from lease_lease
where expires_at > {asof}
order by stringtoutf8(name)
limit :limit
