-- Removes a job that the same transaction has stored.
-- queue, id
delete from lease_job
where queue = :queue and id = :id
