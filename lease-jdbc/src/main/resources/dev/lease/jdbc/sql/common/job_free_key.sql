-- Frees a dedup key that a finished job has kept for a time that is over.
-- queue, dedupKey
update lease_job {use lease_job_dedup}
set dedup_until = null
where queue = :queue and dedup_key = :dedupKey and {keyed} and finished_at is not null and dedup_until <= {asof}
