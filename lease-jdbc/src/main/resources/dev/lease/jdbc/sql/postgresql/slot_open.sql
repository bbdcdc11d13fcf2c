-- Gives the free slots of a queue to jobs that have slots of their keys and are due: so they get into the open, each at
-- the place that it had before. Returns how many, and how many came next, of which others may have some locked. What
-- stands for the slots of the queue is locked by a statement before.
-- queue; most (jobs)
with free as materialized (
  select greatest(0, least(:most, case when policy.queue_slots is null then :most
    else policy.queue_slots - (
      select count(*)
      from (
        select 1
        from lease_job
        where queue = :queue and priority / 10 = 0 and job_key is not null and {key_open}
        order by job_key, least(priority, 40), due_at, seq
        limit policy.queue_slots) one) end)) as slots
  from (values (1)) one
  left join lease_limit policy on policy.queue = :queue and policy.job_key = ''
), next as materialized (
  select job.id
  from generate_series(30, 39) as level(priority)
  cross join lateral (
    select id
    from lease_job
    where queue = :queue and priority = level.priority and due_at <= {asof} and finished_at is null
    order by due_at, seq
    limit (select slots from free)) job
  limit (select slots from free)
), locked as materialized (
  select id
  from lease_job
  where queue = :queue and id = any(array(select id from next))
    and case when finished_at is null and due_at <= {asof} then priority / 10 end = 3
  for no key update skip locked
), opened as (
  update lease_job
  set priority = {true_priority}
  where queue = :queue and id = any(array(select id from locked))
    and case when finished_at is null then priority / 10 end = 3
  returning id
)
select (select count(*) from opened) as opened, (select count(*) from next) as waiting
