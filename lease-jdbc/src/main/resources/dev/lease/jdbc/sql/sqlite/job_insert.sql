-- Stores a job unless its id or its dedup key is taken.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes,
-- maxFailures, notAfter (or null), notAfterDelay (or null), dedupFor (or null)
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
  not_after, dedup_until, created_at)
values (:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {now} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {now} + :notAfterDelay), {now} + :dedupFor, {now})
on conflict do nothing
