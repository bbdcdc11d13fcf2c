-- Stores a job unless its id or its dedup key is taken.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts, created_at)
values (:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {now} + :delay), :dedupKey, :keep,
  :maxAttempts, {now})
on conflict do nothing
