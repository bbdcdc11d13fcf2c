-- Reads the id of the job that prevents another one: the job with the same id, or the one that has the dedup key.
-- queue, id, dedupKey
select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and {keyed} and (finished_at is null or dedup_until > {asof})
limit 1
