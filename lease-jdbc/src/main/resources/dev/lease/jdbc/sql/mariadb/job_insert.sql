-- Stores jobs, in their order, except those whose id or dedup key is taken.
-- rows: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert ignore into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts,
  created_at)
values {rows:(:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxAttempts, {asof})}
returning queue, id;

-- The dedup keys that are taken. It locks nothing: an insert that meets such a key would lock it, which may end in a
-- deadlock with the settlement that frees it.
-- keys: queue, dedupKey
select queue, dedup_key
from lease_job force index (lease_job_dedup)
where (queue, dedup_key) in ({keys}) and live = 1
