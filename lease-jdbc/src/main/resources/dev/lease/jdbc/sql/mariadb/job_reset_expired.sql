-- Makes expired jobs claimable in sight, and ends those that have no attempt left or are to be cancelled.
-- queue, keep (microseconds, the store's default), exhaustedOnly (only those that it ends), limit; priority, due, seq: behind
-- which job to begin; found (numbers of rows)

-- The walk locks nothing, else claims and extensions would miss what it comes by.
select priority, due_at, seq
from lease_job force index (lease_job_ready)
where live = 1 and queue = :queue and expires_at <> 0 and expires_at <= {asof}
  and (not :exhaustedOnly or attempts >= max_attempts or cancel_requested)
  and (priority > :priority or priority = :priority and (due_at > :due or due_at = :due and seq > :seq))
order by priority, due_at, seq
limit :limit;

select seq
from lease_job force index (primary)
where seq in ({found}) and expires_at <> 0 and expires_at <= {asof}
limit :limit
for update skip locked;

update lease_job force index (primary)
set outcome = case when cancel_requested then 5 when attempts >= max_attempts then 4 end,
    finished_at = case when attempts >= max_attempts or cancel_requested then {asof} end,
    kept_until = case when attempts >= max_attempts or cancel_requested then {asof} + coalesce(keep, :keep) end,
    error = case when attempts >= max_attempts and not cancel_requested then 'lease expired' else error end,
    expires_at = 0, cancel_requested = false
where seq in ({found})
