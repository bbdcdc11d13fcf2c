-- Removes the checkpoints of a job.
-- queue, id
delete from lease_checkpoint
where queue = :queue and job_id = :id
