-- Stores that the last attempt of a job failed. The row of the job is locked. Uses "replace", because the driver
-- sends a batch of inserts as one command, which MariaDB 11.8 refuses for "insert .. select".
-- queue, id, error
replace into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
select queue, id, token, attempts, owner, {asof}, :error
from lease_job
where queue = :queue and id = :id and owner is not null
