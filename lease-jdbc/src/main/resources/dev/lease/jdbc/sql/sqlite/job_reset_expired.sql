-- Makes expired jobs claimable in sight, and ends those that have no attempt left or are to be cancelled.
-- queue, keep (microseconds, the store's default), exhaustedOnly (only those that it ends), limit
update lease_job
set expires_at = 0,
    outcome = case when cancel_requested then 5 when attempts >= max_attempts then 4 end,
    finished_at = case when attempts >= max_attempts or cancel_requested then {asof} end,
    kept_until = case when attempts >= max_attempts or cancel_requested then {asof} + coalesce(keep, :keep) end,
    error = case when attempts >= max_attempts and not cancel_requested then 'lease expired' else error end,
    cancel_requested = false
where seq in (
  select seq from lease_job
  where queue = :queue and finished_at is null and expires_at <> 0 and expires_at <= {now}
    and (not :exhaustedOnly or attempts >= max_attempts or cancel_requested)
  limit :limit)
