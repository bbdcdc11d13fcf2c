-- Stores jobs, in their order, except those whose id or dedup key is taken.
-- rows: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxCrashes, maxFailures,
-- notAfter (or null), notAfterDelay (or null), dedupFor (or null)
insert ignore into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes,
  max_failures, not_after, dedup_until, created_at)
values {rows:(:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {asof} + :notAfterDelay), {asof} + :dedupFor, {asof})}
returning queue, id;

-- Locks the rows that stand for the queues of dedup keys, as key_lock.sql does; the limit keeps their order. Then reads
-- which keys are taken, without a lock: an insert that meets such a key would lock it, which may end in a deadlock with
-- the settlement that frees it.
-- found (buckets); keys: queue, dedupKey
(select bucket as queue, null as dedup_key
from lease_key_lock {use primary}
where bucket in ({found})
order by bucket
limit 1000
for update)
union all
(select queue, dedup_key
from lease_job {use lease_job_dedup}
where (queue, dedup_key) in ({keys}) and keyed = 1 and (live = 1 or dedup_until > {asof}))
