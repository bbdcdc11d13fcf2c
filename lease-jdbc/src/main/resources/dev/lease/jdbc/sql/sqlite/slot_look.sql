-- Whether a job of a key is due and has no slot.
-- queue, key
select 1
from lease_job {use lease_job_key}
where queue = :queue and priority / 10 = 1 and job_key = :key and finished_at is null
union all
select 1
from lease_job {use lease_job_key}
where queue = :queue and priority / 10 = 4 and job_key = :key and min(priority, 40) = 40 and due_at <= {asof}
  and finished_at is null
limit 1
