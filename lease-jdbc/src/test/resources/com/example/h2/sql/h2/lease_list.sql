select name, owner, token, expires_at, note, {asof} as as_of
from lease_lease
where stringtoutf8(name) >= stringtoutf8(:from) and stringtoutf8(name) < stringtoutf8(:end) and expires_at > {asof}
order by stringtoutf8(name)
limit :limit
