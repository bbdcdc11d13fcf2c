-- Keeps that the attempt of a job failed, which is the last one that it had; its row is locked. One that is there
-- already stays.
-- queue, id, error
insert into lease_attempt (queue, job_id, token, attempt, worker, failed_at, error)
select queue, id, token, attempts, owner, {asof}, :error
from lease_job
where queue = :queue and id = :id
on conflict do nothing
