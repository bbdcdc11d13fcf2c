-- Removes finished jobs that have been kept long enough, and remembered ids.
-- queue, limit
delete from lease_job
where queue = :queue and id = any(array(
  select id from lease_job
  where queue = :queue and kept_until <= {asof}
  order by kept_until
  limit :limit
  for update skip locked))
returning id, token
