-- Gives failed or cancelled jobs a new set of attempts, without a deadline, unless another job has their dedup key. Those
-- of a graph wait: their part lets them go if it waits for nothing itself. Returns which they were.
-- arrays: queue, id, delay (microseconds, until it is due); simple (1 if it leaves those that have a key or are of a graph,
-- else 0)
update lease_job j
set outcome = null, finished_at = null, kept_until = null, result = null,
    attempts = 0, failures = 0, not_after = null, expires_at = 0, cancel_requested = false, due_at = {now} + s.delay,
    priority = {requeued_place}
from unnest(:queue, :id, :delay) as s(queue, id, delay)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id])
  -- In this form it leads the planner to no index of failed jobs, which it may take to be empty.
  and case when j.outcome is not null then j.outcome in ({FAILED}, {CANCELLED}) else false end
  and (:simple = 0 or j.dedup_key is null and not {has_ending})
  and case when j.dedup_key is not null then not exists (
    select 1 from lease_job holder
    where holder.queue = j.queue and holder.dedup_key = j.dedup_key and holder.id <> j.id
      and {keyed} and (finished_at is null or dedup_until > {asof})) else true end
returning j.queue, j.id
