-- Removes jobs that finished long enough ago.
-- queue, age (microseconds), limit
delete from lease_job
where seq in (
  select seq from lease_job
  where queue = :queue and outcome in ({DONE}, {FAILED}, {CANCELLED}) and finished_at <= {now} - :age
  order by outcome, finished_at
  limit :limit)
returning id, token
