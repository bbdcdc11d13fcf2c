-- Stores jobs, in their order, except those whose id or dedup key is taken, as job_insert.sql does. Some of them have
-- keys. The priority says where a job is; from 10 to 19 only if it is due.
-- rows: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes, maxFailures,
-- notAfter (or null), notAfterDelay (or null), dedupFor (or null), jobKey (or null), graph and part (or null); found (seq of rows)
insert ignore into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes,
  max_failures, not_after, dedup_until, created_at, job_key, graph, part)
values {rows:(:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {asof} + :notAfterDelay), {asof} + :dedupFor, {asof}, :jobKey, :graph, :part)}
returning queue, id, case when priority between 10 and 19 and due_at > {asof} then seq end as later;

-- Those of them that are not due.
update lease_job {use primary}
set priority = priority + 30
where seq in ({found})
