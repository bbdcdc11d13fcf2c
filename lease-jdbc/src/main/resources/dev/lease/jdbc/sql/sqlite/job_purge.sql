-- Removes the oldest finished jobs among those that are kept for the same time.
-- queue, keptFor, age (microseconds), limit
delete from lease_job
where seq in (
  select seq from lease_job
  where queue = :queue and kept_for = :keptFor and finished_at is not null and finished_at <= {now} - :age
  order by finished_at
  limit :limit)
returning id, token
