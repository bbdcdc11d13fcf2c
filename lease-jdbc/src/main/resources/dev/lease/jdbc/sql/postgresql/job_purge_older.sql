-- Removes jobs that finished long enough ago.
-- queue, age (microseconds), limit
delete from lease_job
where queue = :queue and id = any(array(
  select id from lease_job
  where queue = :queue and outcome is not null and finished_at <= {asof} - :age
  order by finished_at
  limit :limit
  for update skip locked))
returning id, token
