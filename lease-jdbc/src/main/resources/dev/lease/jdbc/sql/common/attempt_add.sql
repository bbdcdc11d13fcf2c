-- Stores that the last attempt of a job failed. The row of the job is locked. An attempt that is stored already stays
-- as it is.
-- queue, id, error
insert into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
select queue, id, token, attempts, owner, {asof}, :error
from lease_job
where queue = :queue and id = :id and owner is not null
on conflict do nothing
