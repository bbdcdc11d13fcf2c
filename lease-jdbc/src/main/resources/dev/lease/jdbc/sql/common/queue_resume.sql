-- Resumes a queue.
-- queue
delete from lease_paused_queue
where queue = :queue
