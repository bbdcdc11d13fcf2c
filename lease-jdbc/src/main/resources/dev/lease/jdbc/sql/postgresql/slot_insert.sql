-- Stores jobs, in their order, except those whose id or dedup key is taken, as job_insert.sql does. Some of them have
-- keys, or all are of a graph. The priority says where a job is; from 10 to 19 only if it is due.
-- arrays: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes, maxFailures,
-- notAfter (or null), notAfterDelay (or null), dedupFor (or null), jobKey (or null), graph and part (or null)
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
  not_after, dedup_until, created_at, job_key, graph, part)
select queue, id, type, payload, headers,
  case when priority between 10 and 19 and coalesce(due_at, {asof} + delay) > {asof} then priority + 30 else priority end,
  coalesce(due_at, {asof} + delay), dedup_key, keep,
  max_crashes, max_failures, coalesce(not_after, {asof} + not_after_delay), {asof} + dedup_for, {asof}, job_key, graph, part
from unnest(:queue, :id, :type, :payload, :headers, :priority, :dueAt, :delay, :dedupKey, :keep, :maxCrashes,
    :maxFailures, :notAfter, :notAfterDelay, :dedupFor, :jobKey, :graph, :part)
  with ordinality
  as job(queue, id, type, payload, headers, priority, due_at, delay, dedup_key, keep, max_crashes, max_failures,
    not_after, not_after_delay, dedup_for, job_key, graph, part, ord)
order by ord
on conflict do nothing
returning queue, id
