-- Removes guards that nobody has used for a while, but for those that a transaction has locked.
-- age (microseconds), limit
delete from lease_fence
where ctid = any(array(
  select ctid from lease_fence
  where used_on <= {asof} - :age
  order by used_on
  limit :limit
  for update skip locked))
returning token
