-- Whether a job of a key is due and has no slot.
-- queue, key
select 1
from lease_job {use lease_job_key}
where queue = :queue and {key_place} = 1 and job_key = :key and {key_open}
union all
select 1
from lease_job {use lease_job_key}
where queue = :queue and {key_place} = 4 and job_key = :key and {key_order} = 40 and due_at <= {asof}
  and {key_open}
limit 1
