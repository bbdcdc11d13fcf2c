-- The limit of a key, or of '', and what became of its jobs. It stops counting at some number, and looks for jobs that
-- are held among the first 100,000 that are open.
-- queue, key, most
select own.slots, own.in_order, own.starts, own.period, own.burst, own.queue_slots, own.closed_until, own.evenly,
  (select count(*) from (
    select 1 from lease_job
    where queue = :queue and job_key = :key and {key_place} = 0 and {key_open}
    order by {key_order}, due_at, seq
    limit :most) one) as opened,
  (select count(*) from (
    select 1 from lease_job
    where queue = :queue and job_key = :key and {key_place} = 3 and {key_open}
    order by {key_order}, due_at, seq
    limit :most) one) as admitted,
  (select count(*) from (
    select 1
    from (
      select expires_at from lease_job
      where queue = :queue and job_key = :key and {key_place} = 0 and {key_open}
      order by {key_order}, due_at, seq
      limit 100000) opened
    where expires_at <> 0
    limit :most) one) as held,
  (select count(*) from (
    select 1 from lease_job
    where queue = :queue and job_key = :key and {key_place} = 1 and {key_open}
    order by {key_order}, due_at, seq
    limit :most) one) as shelved,
  (select count(*) from (
    select 1 from lease_job
    where queue = :queue and job_key = :key and {key_place} = 4 and {key_order} = 40 and due_at <= {asof} and {key_open}
    order by {key_order}, due_at, seq
    limit :most) one) as due
from (select 1 as one) one
left join lease_limit own on own.queue = :queue and own.job_key = :key
