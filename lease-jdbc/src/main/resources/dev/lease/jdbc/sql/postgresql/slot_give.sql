-- Gives the free slots of some keys to their first jobs that are due. The keys are locked by a statement before: only so
-- does this one see all that others have committed who had them locked. Returns the jobs that got slots, with when the
-- next one of the key would start if all starts were evenly spread, if it has a rate; and each queue that has slots of
-- its own, without a key; and each key of which somebody else has one of those jobs locked. No other job gets its slot:
-- a key in order would go on behind it.
-- With the queue's slots in the way, or a start to wait for, a job with a slot does not get into the open at once; the
-- next statement sees to the queue's slots. The new due time says where it stands in the queue: now, so that it is behind
-- no mark of a claim. A job that was stored in this very step keeps its own.
-- Of those that were not due when they came, some may be due by now and go before others on the shelf. Rows are updated
-- by their keys: a place (ctid) that was locked may be newer than the statement sees. They are numbered all at once: for
-- each key by itself that took a quarter of the time.
-- What holds for all keys of a queue is read once, and of a key of which nothing waits nothing else is read.
-- Where the first jobs are found, each part asks for the order of the index of jobs with keys, and how the rows to update
-- are found leaves the planner one way: after it saw the table when few jobs were not finished, or none, it would search
-- all of a queue, or of all.
-- arrays: queue, key; most (jobs), newer (jobs that were stored in this step have larger numbers)
with every as materialized (
  select q.queue, rule.slots, rule.burst, rule.queue_slots, (rule.period + rule.starts - 1) / rule.starts as pace,
    exists (select 1 from lease_limit own where own.queue = q.queue and own.job_key > '') as has_own
  from (select distinct queue from unnest(:queue) as s(queue)) q
  left join lease_limit rule on rule.queue = q.queue and rule.job_key = ''
), policy as materialized (
  select rule.*, least(coalesce(rule.slots, :most) - taken.admitted, :most) as free,
    greatest(rule.evenly, rule.soonest) as base
  from (
    select s.queue, s.job_key, every.queue_slots, own.evenly, greatest({asof}, own.closed_until) as soonest,
      case when own.slots is null then every.slots else own.slots end as slots,
      case when own.slots is null then every.burst else own.burst end as burst,
      case when own.slots is null then every.pace else (own.period + own.starts - 1) / own.starts end as pace
    from unnest(:queue, :key) as s(queue, job_key)
    join every on every.queue = s.queue
    cross join lateral (
      select *
      from (
        select 1
        from lease_job
        where queue = s.queue and priority / 10 = 1 and job_key = s.job_key and {key_open}
        order by least(priority, 40), due_at, seq) shelf
      union all
      select *
      from (
        select 1
        from lease_job
        where queue = s.queue and priority / 10 = 4 and job_key = s.job_key and {key_open}
        order by least(priority, 40), due_at, seq) later
      limit 1) waits
    left join lateral (
      select * from lease_limit where every.has_own and queue = s.queue and job_key = s.job_key offset 0) own on true
  ) rule
  cross join lateral (
    select count(*) as admitted
    from (
      select *
      from (
        select 1
        from lease_job
        where queue = rule.queue and priority / 10 = 0 and job_key = rule.job_key and {key_open}
        order by least(priority, 40), due_at, seq) opened
      union all
      select *
      from (
        select 1
        from lease_job
        where queue = rule.queue and priority / 10 = 3 and job_key = rule.job_key and {key_open}
        order by least(priority, 40), due_at, seq) admitted
      limit case when rule.slots is null then 0 else rule.slots end) one) taken
), found as materialized (
  select policy.queue, policy.job_key, policy.queue_slots, policy.soonest, policy.base, policy.pace, policy.burst,
    job.*
  from policy
  cross join lateral (
    select *
    from (
      select *
      from (
        select id, priority, due_at, seq
        from lease_job
        where queue = policy.queue and priority / 10 = 1 and job_key = policy.job_key and {key_open}
        order by least(priority, 40), due_at, seq
        limit policy.free) shelf
      union all
      select *
      from (
        select id, priority, due_at, seq
        from lease_job
        where queue = policy.queue and priority / 10 = 4 and job_key = policy.job_key and least(priority, 40) = 40
          and due_at <= {asof} and {key_open}
        order by due_at, seq
        limit :most) due) either
    order by priority % 10, due_at, seq
    limit policy.free) job
  where policy.free > 0
  limit :most
), locked as materialized (
  select found.*
  from found, lease_job j
  where j.queue = any(array[found.queue]) and j.id = any(array[found.id])
    and case when j.finished_at is null then j.priority end = found.priority and j.due_at = found.due_at
  for no key update of j skip locked
), next as materialized (
  select queue, id, queue_slots, base + nth * pace as evenly,
    case when pace is null then soonest else greatest(soonest, base + (nth - 1 - burst) * pace) end as start
  from (
    select locked.*, row_number() over (partition by queue, job_key order by priority % 10, due_at, seq) as nth
    from locked) numbered
), admitted as (
  update lease_job j
  set priority = case when next.queue_slots is null then {true_priority} else 30 + j.priority % 10 end,
      due_at = case when j.seq > :newer and next.start <= {asof} then j.due_at else next.start end
  from next
  where j.queue = any(array[next.queue]) and j.id = any(array[next.id])
    and case when j.finished_at is null then j.priority end >= 10
  returning j.queue, j.job_key, next.evenly
)
select queue, null as job_key, null::bigint as evenly, false as skipped
from every
where queue_slots is not null
union all
select queue, job_key, evenly, false
from admitted
union all
select distinct queue, job_key, null::bigint, true
from (select queue, job_key, id from found except select queue, job_key, id from locked) other
