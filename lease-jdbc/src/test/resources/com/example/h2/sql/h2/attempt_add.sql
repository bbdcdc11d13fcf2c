merge into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
key (queue, job_id, token)
select queue, id, token, attempts, owner, {asof}, cast(:error as varchar)
from lease_job
where queue = :queue and id = :id and owner is not null
