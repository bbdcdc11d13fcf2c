-- Deletes a job.
-- queue, id
delete from lease_job
where queue = :queue and id = :id
returning token
