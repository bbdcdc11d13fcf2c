-- Reads the value of a step.
-- queue, id, step
select value
from lease_checkpoint
where queue = :queue and job_id = :id and step = :step
