-- Removes guards that nobody has used for a while, except those that a transaction has locked.
-- age (microseconds), limit
with old as materialized (
  select resource, queue, name from lease_fence
  where used_on <= {asof} - :age
  order by used_on
  limit :limit
  for update skip locked)
delete from lease_fence f
using old
where f.resource = old.resource and f.queue = old.queue and f.name = old.name
returning f.token
