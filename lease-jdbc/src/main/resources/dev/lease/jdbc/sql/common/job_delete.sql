-- Deletes a job, or a remembered id.
-- queue, id
delete from lease_job
where queue = :queue and id = :id
returning token, {present} as present, {ending}, outcome
