-- Replaces the progress of a job that is held.
-- queue, id, token, percent, message
update lease_job
set progress_percent = :percent, progress_message = :message
where queue = :queue and id = :id and token = :token and expires_at <> 0
