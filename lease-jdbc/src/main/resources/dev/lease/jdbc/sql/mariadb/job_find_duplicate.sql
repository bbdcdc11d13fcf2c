-- Reads the id of the job that prevents another one: the job with the same id, or the one that has the dedup key.
-- queue, id, dedupKey

-- In the caller's transaction: finds it also if it is newer than the snapshot.
(select id
from lease_job {use lease_job_id}
where queue = :queue and id = :id
lock in share mode)
union all
(select id
from lease_job {use lease_job_dedup}
where queue = :queue and dedup_key = :dedupKey and keyed = 1 and (live = 1 or dedup_until > {asof})
lock in share mode)
limit 1;

-- In a transaction of the store's own: locks nothing, for the reason given in job_insert.sql.
(select id
from lease_job {use lease_job_id}
where queue = :queue and id = :id)
union all
(select id
from lease_job {use lease_job_dedup}
where queue = :queue and dedup_key = :dedupKey and keyed = 1 and (live = 1 or dedup_until > {asof}))
limit 1
