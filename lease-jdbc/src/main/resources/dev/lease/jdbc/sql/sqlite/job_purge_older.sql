-- Removes jobs that finished long enough ago.
-- queue, age (microseconds), limit
delete from lease_job
where seq in (
  select seq from lease_job
  where queue = :queue and outcome is not null and finished_at <= {now} - :age
  order by finished_at
  limit :limit)
returning id, token
