-- Stores jobs, in their order, except those whose id or dedup key is taken.

-- One job, which is what most callers have: unpacking arrays of one row would take the server as long again.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts, created_at)
values (:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxAttempts, {asof})
on conflict do nothing;

-- Many jobs.
-- arrays: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts, created_at)
select queue, id, type, payload, headers, priority, coalesce(due_at, {asof} + delay), dedup_key, keep,
  max_attempts, {asof}
from unnest(:queue, :id, :type, :payload, :headers, :priority, :dueAt, :delay, :dedupKey, :keep, :maxAttempts)
  with ordinality
  as job(queue, id, type, payload, headers, priority, due_at, delay, dedup_key, keep, max_attempts, ord)
order by ord
on conflict do nothing
returning queue, id
