-- Gives the free slots of a queue to jobs that have slots of their keys and are due.
-- queue, most (jobs)

-- The slots of the queue, if it has a limit.
select queue_slots
from lease_limit
where queue = :queue and job_key = '';

-- How many jobs are open.
select count(*)
from (
  select 1
  from lease_job {use lease_job_key}
  where queue = :queue and {key_place} = 0 and job_key is not null and {key_open}
  limit :most) one;

-- The next ones.
select seq, priority, due_at
from lease_job {use lease_job_ready}
where queue = :queue and priority in (30, 31, 32, 33, 34, 35, 36, 37, 38, 39) and due_at <= {asof} and {unfinished}
order by priority, due_at, seq
limit :most
