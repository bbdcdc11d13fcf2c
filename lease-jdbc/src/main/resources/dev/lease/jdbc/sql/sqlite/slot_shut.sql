-- The open jobs of a queue that have keys.
-- queue
select seq, priority, due_at, expires_at <> 0 as held
from lease_job {use lease_job_key}
where queue = :queue and priority / 10 = 0 and job_key is not null and finished_at is null
