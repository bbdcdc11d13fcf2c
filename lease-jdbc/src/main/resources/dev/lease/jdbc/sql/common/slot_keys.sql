-- For databases whose settlements do not return the rows that they change.

-- Whether any job has a key: else there is nothing to look for.
select 1
from lease_job {use lease_job_key}
where job_key is not null and finished_at is null
limit 1;

-- The key of a job that is held.
-- queue, id, token
select job_key
from lease_job
where queue = :queue and id = :id and token = :token and expires_at <> 0
