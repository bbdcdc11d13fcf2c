-- Removes finished jobs that have been kept long enough, and remembered ids.
-- queue, limit
delete from lease_job
where seq in (
  select seq from lease_job
  where queue = :queue and kept_until <= {now}
  order by kept_until
  limit :limit)
returning id, token
