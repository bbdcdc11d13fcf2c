-- Ends jobs that are held, for good.
-- keys: queue, id, token; then outcome, keep (microseconds, the store's default), result, error
select seq, queue, id, token
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at <> 0
for update;

update lease_job force index (primary)
set outcome = :outcome, finished_at = {asof}, kept_until = {asof} + coalesce(keep, :keep), expires_at = 0,
    cancel_requested = false, result = :result, error = :error
where seq in ({found})
