-- Takes the queue's slots of jobs that nobody holds: of those that start later, and of those that are too many, the last
-- ones first. They keep the slots of their keys. What stands for the queue's slots is locked.
-- queue; most (jobs)
with policy as materialized (
  select queue_slots
  from lease_limit
  where queue = :queue and job_key = '' and queue_slots is not null
), open as materialized (
  select id, priority, due_at, seq, expires_at, due_at > {asof} and expires_at = 0 as later
  from lease_job
  where queue = :queue and priority / 10 = 0 and job_key is not null and {key_open}
    and exists (select 1 from policy)
), last as materialized (
  select id
  from open
  where expires_at = 0
  order by later desc, priority, due_at desc, seq desc
  limit greatest(
      (select count(*) from open where later),
      (select count(*) from open) - (select queue_slots from policy))
), locked as materialized (
  select id
  from lease_job
  where queue = :queue and id = any(array(select id from last limit :most))
    and case when finished_at is null and expires_at = 0 then priority / 10 end = 0
  for no key update skip locked
)
update lease_job
set priority = 39 - priority
where queue = :queue and id = any(array(select id from locked))
  and case when finished_at is null and expires_at = 0 then priority / 10 end = 0
