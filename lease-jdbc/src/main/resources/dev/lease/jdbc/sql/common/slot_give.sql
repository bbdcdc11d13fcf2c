-- Gives the free slots of a key, which is locked, to its first jobs that are due.
-- queue, key, most (jobs)

-- The limits that hold for the key, and for its queue.
select {asof} as as_of, own.evenly, own.closed_until, every.queue_slots is not null as of_queue,
  case when own.slots is null then every.slots else own.slots end as slots,
  case when own.slots is null then every.starts else own.starts end as starts,
  case when own.slots is null then every.period else own.period end as period,
  case when own.slots is null then every.burst else own.burst end as burst
from (select 1 as one) one
left join lease_limit own on own.queue = :queue and own.job_key = :key
left join lease_limit every on every.queue = :queue and every.job_key = '';

-- How many jobs have slots.
select count(*)
from (
  select 1
  from lease_job {use lease_job_key}
  where queue = :queue and {key_place} in (0, 3) and job_key = :key and {key_open}
  limit :most) one;

-- The next jobs of the shelf, and those that have become due since.
-- free (jobs of the shelf)
select *
from (
  select seq, priority, due_at
  from lease_job {use lease_job_key}
  where queue = :queue and {key_place} = 1 and job_key = :key and {key_open}
  order by {key_order}, due_at, seq
  limit :free) shelf
union all
select *
from (
  select seq, priority, due_at
  from lease_job {use lease_job_key}
  where queue = :queue and {key_place} = 4 and job_key = :key and {key_order} = 40 and due_at <= {asof} and {key_open}
  order by due_at, seq
  limit :most) due;

-- Those of some jobs that others have not locked.
-- found (seq of rows)
select seq, priority, due_at
from lease_job
where seq in ({found}) and {unfinished}
{skip_locked}
