-- Gives a job, which is locked, another place.
-- one row: priority (as it is stored), dueAt, seq
update lease_job
set priority = :priority, due_at = :dueAt
where seq = :seq
