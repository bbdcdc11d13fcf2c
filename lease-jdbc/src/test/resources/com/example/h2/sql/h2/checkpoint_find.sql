select value
from lease_checkpoint
where queue = :queue and job_id = :id and step = :step
