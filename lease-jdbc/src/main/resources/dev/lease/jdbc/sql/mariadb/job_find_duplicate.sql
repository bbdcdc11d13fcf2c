-- Reads the id of the job that prevents another one: the job with the same id, or the one that has the dedup key.
-- Finds it also if it is newer than the snapshot of the caller's transaction.
-- queue, id, dedupKey
(select id
from lease_job force index (lease_job_id)
where queue = :queue and id = :id
lock in share mode)
union all
(select id
from lease_job force index (lease_job_dedup)
where queue = :queue and dedup_key = :dedupKey and live = 1
lock in share mode)
limit 1
