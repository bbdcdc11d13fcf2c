-- Reads the steps of a job, in the order in which they were kept.
-- queue, id
select step, value, kept_at
from lease_checkpoint
where queue = :queue and job_id = :id
  and exists (select 1 from lease_job where queue = :queue and id = :id and {present})
order by seq
