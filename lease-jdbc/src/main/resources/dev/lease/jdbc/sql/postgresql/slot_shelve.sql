-- Puts jobs of some keys that have become due, and got no slot, on the shelf. The keys are locked.
-- arrays: queue, key; most (jobs)
with due as materialized (
  select s.queue, job.id
  from unnest(:queue, :key) as s(queue, job_key)
  cross join lateral (
    select id
    from lease_job
    where queue = s.queue and priority / 10 = 4 and job_key = s.job_key and least(priority, 40) = 40
      and due_at <= {asof} and {key_open}
    order by due_at, seq
    limit :most
    for no key update skip locked) job
  limit :most
)
update lease_job j
set priority = j.priority - 30
from due
where j.queue = any(array[due.queue]) and j.id = any(array[due.id])
  and case when j.finished_at is null and j.due_at <= {asof} then j.priority end >= 40
