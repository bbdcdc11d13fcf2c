-- Stores a job unless its id or its dedup key is taken, as job_insert.sql does. It may have a key. The priority says where
-- it is; from 10 to 19 only if it is due.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes,
-- maxFailures, notAfter (or null), notAfterDelay (or null), dedupFor (or null), jobKey (or null), graph and part (or null)
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
  not_after, dedup_until, created_at, job_key, graph, part)
values (:queue, :id, :type, :payload, :headers,
  case when :priority between 10 and 19 and coalesce(:dueAt, {now} + :delay) > {now} then :priority + 30 else :priority end,
  coalesce(:dueAt, {now} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {now} + :notAfterDelay), {now} + :dedupFor, {now}, :jobKey, :graph, :part)
on conflict do nothing
