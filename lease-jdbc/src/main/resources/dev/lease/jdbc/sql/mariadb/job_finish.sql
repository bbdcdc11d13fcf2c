-- Ends jobs that are held, for good.
-- keys: queue, id, token; then outcome, keep (microseconds, the store's default), result, error
select seq, queue, id, token
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at <> 0
for update;

update lease_job force index (primary)
set outcome = :outcome, finished_at = {asof}, kept_until = {asof} + {kept}, expires_at = 0,
    cancel_requested = false, result = :result, error = :error
where seq in ({found});

-- For who passes over what others have locked: those that are held, locked or not ...
select seq, queue, id, token
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at <> 0;

-- ... and of them those that are not; by number, for the reason given in job_extend.
select seq, queue, id, token, cancel_requested, {asof} as as_of
from lease_job force index (primary)
where seq in ({found}) and expires_at <> 0
for update skip locked
