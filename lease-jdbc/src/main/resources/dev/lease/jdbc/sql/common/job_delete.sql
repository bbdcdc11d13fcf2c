-- Deletes a job, or forgets its id, where only that was left.
-- queue, id
delete from lease_job
where queue = :queue and id = :id
returning token, {present} as present
