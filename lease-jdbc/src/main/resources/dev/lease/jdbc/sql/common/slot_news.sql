-- Finds keys of a queue that somebody has to look at: those of which something came, those with jobs that have become
-- due, and '' if a job waits for a slot of the queue.
-- queue; most (of each kind)
select job_key
from (select job_key from lease_arrival where queue = :queue limit :most) arrival
union
select job_key
from (
  select job_key
  from lease_job {use lease_job_ready}
  where queue = :queue and priority between 40 and 49 and due_at <= {asof} and {unfinished}
  limit :most) due
where job_key is not null
union
select ''
from (
  select 1
  from lease_job {use lease_job_ready}
  where queue = :queue and priority between 30 and 39 and due_at <= {asof} and {unfinished}
  limit 1) waits
