-- Looks how many jobs of some keys can be stored with a slot, and whether slots have to be given in another way: by the
-- queue's limit, a rate, or a time until which the key is closed, or because others wait. The keys are locked by a
-- statement before.
-- What holds for all keys of a queue is read once. Each part asks for the order of the index of jobs with keys: otherwise
-- the planner may take another one, after it saw the table when few jobs were not finished.
-- arrays: queue, key; most
with every as materialized (
  select q.queue, rule.slots, rule.starts, rule.queue_slots,
    exists (select 1 from lease_limit own where own.queue = q.queue and own.job_key > '') as has_own
  from (select distinct queue from unnest(:queue) as s(queue)) q
  left join lease_limit rule on rule.queue = q.queue and rule.job_key = ''
)
select policy.queue, policy.job_key, {asof} as as_of, policy.paced or waits.any as gives,
  case when policy.paced or waits.any then 0 else greatest(coalesce(policy.slots, :most) - taken.admitted, 0) end as room
from (
  select s.queue, s.job_key, case when own.slots is null then every.slots else own.slots end as slots,
    case when own.slots is null then every.starts else own.starts end is not null
      or every.queue_slots is not null or coalesce(own.closed_until > {asof}, false) as paced
  from unnest(:queue, :key) as s(queue, job_key)
  join every on every.queue = s.queue
  left join lateral (
    select * from lease_limit where every.has_own and queue = s.queue and job_key = s.job_key offset 0) own on true
) policy
cross join lateral (
  select count(*) as admitted
  from (
    select *
    from (
      select 1
      from lease_job
      where queue = policy.queue and priority / 10 = 0 and job_key = policy.job_key and {key_open}
      order by least(priority, 40), due_at, seq) opened
    union all
    select *
    from (
      select 1
      from lease_job
      where queue = policy.queue and priority / 10 = 3 and job_key = policy.job_key and {key_open}
      order by least(priority, 40), due_at, seq) admitted
    limit case when policy.slots is null then 0 else policy.slots end) one) taken
cross join lateral (
  select count(*) > 0 as any
  from (
    select *
    from (
      select 1
      from lease_job
      where queue = policy.queue and priority / 10 = 1 and job_key = policy.job_key and {key_open}
      order by least(priority, 40), due_at, seq) shelf
    union all
    select *
    from (
      select 1
      from lease_job
      where queue = policy.queue and priority / 10 = 4 and job_key = policy.job_key and least(priority, 40) = 40
        and due_at <= {asof} and {key_open}
      order by due_at, seq
      limit 1) due
    limit case when taken.admitted < policy.slots or policy.slots is null then 1 else 0 end) one) waits
