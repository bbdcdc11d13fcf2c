-- Keeps that the attempt of a job failed, which is the last one that it had; its row is locked. Not by "insert": a
-- batch of these the driver sends as one command, which MariaDB 11.8 refuses for a select.
-- queue, id, error
replace into lease_attempt (queue, job_id, token, attempt, worker, failed_at, error)
select queue, id, token, attempts, owner, {asof}, :error
from lease_job
where queue = :queue and id = :id
