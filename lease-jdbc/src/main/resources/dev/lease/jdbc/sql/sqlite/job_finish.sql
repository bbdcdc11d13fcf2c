-- Ends a job that is held, for good.
-- one row: queue, id, token, outcome, keep (microseconds, the store's default), result, error
update lease_job
set outcome = :outcome, finished_at = {asof}, kept_until = {asof} + {kept}, expires_at = 0,
    cancel_requested = false, result = :result, error = :error
where queue = :queue and id = :id and token = :token and expires_at <> 0
