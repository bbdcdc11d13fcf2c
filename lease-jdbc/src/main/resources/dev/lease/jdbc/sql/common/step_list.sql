-- Reads the steps of a job, in the order in which they were kept.
-- queue, id
select step, value, kept_at
from lease_checkpoint
where queue = :queue and job_id = :id
order by seq
