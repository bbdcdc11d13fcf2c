-- Stores jobs, in their order, except those whose id or dedup key is taken.

-- One job, which is what most callers have: unpacking arrays of one row would take the server as long again.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes,
-- maxFailures, notAfter (or null), notAfterDelay (or null), dedupFor (or null)
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
  not_after, dedup_until, created_at)
values (:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {asof} + :notAfterDelay), {asof} + :dedupFor, {asof})
on conflict do nothing;

-- Many jobs.
-- arrays: the same
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
  not_after, dedup_until, created_at)
select queue, id, type, payload, headers, priority, coalesce(due_at, {asof} + delay), dedup_key, keep,
  max_crashes, max_failures, coalesce(not_after, {asof} + not_after_delay), {asof} + dedup_for, {asof}
from unnest(:queue, :id, :type, :payload, :headers, :priority, :dueAt, :delay, :dedupKey, :keep, :maxCrashes,
    :maxFailures, :notAfter, :notAfterDelay, :dedupFor)
  with ordinality
  as job(queue, id, type, payload, headers, priority, due_at, delay, dedup_key, keep, max_crashes, max_failures,
    not_after, not_after_delay, dedup_for, ord)
order by ord
on conflict do nothing
returning queue, id
