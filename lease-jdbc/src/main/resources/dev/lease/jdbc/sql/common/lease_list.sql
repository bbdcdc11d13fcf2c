-- Reads the named leases in a range of names that are held, in the order of the bytes.
-- from, end, limit
select name, owner, token, expires_at, note, {asof} as as_of
from lease_lease
where name >= :from and name < :end and expires_at > {asof}
order by name
limit :limit
