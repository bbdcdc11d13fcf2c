-- Cancels a job: finishes one that nobody holds, marks one that is held. No row if the job is finished or does not
-- exist.
-- queue, id, keep (microseconds, the store's default)
update lease_job
set cancel_requested = expires_at <> 0,
    outcome = case when expires_at = 0 then {CANCELLED} end,
    finished_at = case when expires_at = 0 then {asof} end,
    kept_until = case when expires_at = 0 then {asof} + {kept} end
where queue = :queue and id = :id and finished_at is null
returning cancel_requested, {ending}, outcome
