-- Reads the times for which finished jobs of a queue are kept, by jumping from one to the next in the
-- index: there are few of them, and a purge walks each from its oldest job.
-- queue
with recursive times(kept_for) as (
  select min(kept_for) from lease_job where queue = :queue and finished_at is not null
  union all
  select (
    select min(kept_for) from lease_job
    where queue = :queue and finished_at is not null and kept_for > times.kept_for)
  from times
  where kept_for is not null
)
select kept_for from times where kept_for is not null
