-- Cancels a job that waits, since a part before it failed.
-- one row: error, keep (microseconds, the store's default), queue, id, graph
update lease_job
set outcome = {CANCELLED}, finished_at = {now}, kept_until = {now} + {kept}, error = :error, priority = priority + 30
where queue = :queue and id = :id and graph = :graph and priority + 0 between 20 and 29 and finished_at is null
