-- Finds keys of a queue that somebody has to look at: those of which something came, those with jobs that have become
-- due, and '' if a job waits for a slot of the queue. A key may come several times. It goes to each place in the index:
-- between two of them lies what is not due.
-- queue; most (of each kind)
select job_key
from (select job_key from lease_arrival where queue = :queue limit :most) arrival
union all
select job_key
from (
  select job_key
  from lease_job {use lease_job_ready}
  where queue = :queue and priority in (40, 41, 42, 43, 44, 45, 46, 47, 48, 49) and due_at <= {asof} and {unfinished}
  limit :most) due
where job_key is not null
union all
select ''
from (
  select 1
  from lease_job {use lease_job_ready}
  where queue = :queue and priority in (30, 31, 32, 33, 34, 35, 36, 37, 38, 39) and due_at <= {asof} and {unfinished}
  limit 1) waits
