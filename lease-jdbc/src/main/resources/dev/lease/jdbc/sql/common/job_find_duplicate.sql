-- Reads the id of the job that keeps another from being made: the one with its id, or the one that holds
-- its dedup key.
-- queue, id, dedupKey
select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and finished_at is null
limit 1
