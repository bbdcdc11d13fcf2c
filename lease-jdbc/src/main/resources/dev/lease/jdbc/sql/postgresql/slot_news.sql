-- Finds keys of a queue that somebody has to look at: those of which something came, those with jobs that have become
-- due, and '' if a job waits for a slot of the queue. A key may come several times.
-- queue; most (of each kind)
select job_key
from (
  select job_key
  from lease_arrival
  where queue = :queue
  order by job_key, seq
  limit :most) arrival
union all
select job_key
from (
  select job.job_key
  from generate_series(40, 49) as level(priority)
  cross join lateral (
    select job_key
    from lease_job
    where queue = :queue and priority = level.priority and due_at <= {asof} and finished_at is null
    order by due_at, seq
    limit :most) job
  limit :most) due
where job_key is not null
union all
select ''
from generate_series(30, 39) as level(priority)
cross join lateral (
  select 1
  from lease_job
  where queue = :queue and priority = level.priority and due_at <= {asof} and finished_at is null
  order by due_at, seq
  limit 1) job
