-- Reads the value of a step, also if it is newer than the snapshot of the caller's transaction.
-- queue, id, step
select value
from lease_checkpoint
where queue = :queue and job_id = :id and step = :step
lock in share mode
