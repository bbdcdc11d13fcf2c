-- Takes the slots of jobs of some keys that are too many and that nobody holds, the last ones first, so that they lie on
-- the shelf, before what has lain there all along: their due times may be when they were admitted. What was put off, and
-- does not just wait for a start that the key's rate or its closing has set, is not due until then. The keys are locked.
-- arrays: queue, key; most (jobs)
with surplus as materialized (
  select rule.queue, rule.job_key, taken.admitted - rule.slots as jobs, rule.latest
  from (
    select s.queue, s.job_key, greatest({asof}, own.closed_until, own.evenly) as latest,
      case when own.slots is null then every.slots else own.slots end as slots
    from unnest(:queue, :key) as s(queue, job_key)
    left join lateral (
      select * from lease_limit where queue = s.queue and job_key = s.job_key offset 0) own on true
    left join lateral (
      select * from lease_limit where queue = s.queue and job_key = '' offset 0) every on true) rule
  cross join lateral (
    select count(*) as admitted
    from lease_job
    where queue = rule.queue and priority / 10 in (0, 3) and job_key = rule.job_key and {key_open}) taken
  where rule.slots is not null
), last as materialized (
  select surplus.queue, job.id, surplus.latest
  from surplus
  cross join lateral (
    select id
    from lease_job
    where queue = surplus.queue and priority / 10 in (0, 3) and job_key = surplus.job_key and expires_at = 0
      and {key_open}
    order by {true_priority}, due_at desc, seq desc
    limit surplus.jobs
    for no key update skip locked) job
  where surplus.jobs > 0
  limit :most
)
update lease_job j
set priority = case when j.due_at > last.latest then 49 else 19 end - {true_priority},
    due_at = case when j.due_at > last.latest then j.due_at else least(j.due_at, {asof}, (
      select s.due_at
      from lease_job s
      where s.queue = j.queue and s.priority / 10 = 1 and s.job_key = j.job_key
        and least(s.priority, 40) = case when j.priority < 10 then 19 - j.priority else j.priority - 20 end
        and coalesce(s.finished_at, 0) = 0
      order by s.due_at, s.seq
      limit 1)) end
from last
where j.queue = any(array[last.queue]) and j.id = any(array[last.id])
  and case when j.finished_at is null and j.expires_at = 0 then j.priority / 10 end in (0, 3)
