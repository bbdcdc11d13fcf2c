-- Reads the last failed attempts of a job, newest first.
-- queue, id, limit
select attempt, worker, failed_at, error
from lease_attempt
where queue = :queue and job_id = :id
order by token desc
limit :limit
