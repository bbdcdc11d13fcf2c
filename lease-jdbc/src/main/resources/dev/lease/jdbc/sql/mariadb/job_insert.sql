-- Stores jobs, in their order, except those whose id or dedup key is taken.
-- rows: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert ignore into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts,
  created_at)
values {rows:(:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxAttempts, {asof})}
returning queue, id
