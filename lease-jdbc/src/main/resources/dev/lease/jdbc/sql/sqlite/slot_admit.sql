-- Gives the free slots of a key to its first jobs that are due.
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
  where queue = :queue and priority / 10 in (0, 3) and job_key = :key and finished_at is null
  limit :most) one;

-- The next jobs of the shelf, and those that have become due since.
select seq, priority, due_at
from (
  select seq, priority, due_at
  from lease_job {use lease_job_key}
  where queue = :queue and priority / 10 = 1 and job_key = :key and finished_at is null
  order by min(priority, 40), due_at, seq
  limit :most) shelf
union all
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and priority / 10 = 4 and job_key = :key and min(priority, 40) = 40 and due_at <= {asof}
  and finished_at is null
