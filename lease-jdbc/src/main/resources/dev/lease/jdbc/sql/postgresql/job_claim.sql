-- Takes jobs that are due and not held, the most urgent first, and ends those that it meets with no attempt
-- left or with their cancellation asked for.
-- One index walk a priority, which stops at what is not due; rows that others have locked are skipped. The
-- places are collected in an array before anything is updated, else the planner may run the subquery anew
-- for each row and pass the limit. {limit} is a literal of a few sizes, so that the plan does not assume a
-- tenth of the table; the exact limit stops the walk.
-- queue, worker, limit, duration, keep (microseconds); arrays: priority, due, seq: where to begin in each
update lease_job
set attempts = case when attempts >= max_attempts or cancel_requested then attempts else attempts + 1 end,
    token = case when attempts >= max_attempts or cancel_requested then token else greatest(token + 1, {now}) end,
    owner = case when attempts >= max_attempts or cancel_requested then owner else :worker end,
    expires_at = case when attempts >= max_attempts or cancel_requested then 0 else {now} + :duration end,
    outcome = case when cancel_requested then 5 when attempts >= max_attempts then 4 end,
    finished_at = case when attempts >= max_attempts or cancel_requested then {asof} end,
    kept_until = case when attempts >= max_attempts or cancel_requested then {asof} + coalesce(keep, :keep) end,
    error = case when attempts >= max_attempts and not cancel_requested then 'lease expired' else error end,
    cancel_requested = false
where ctid = any(array(
  select job.place
  from unnest(:priority, :due, :seq) as level(priority, due_at, seq)
  cross join lateral (
    select ctid as place
    from lease_job
    where queue = :queue and priority = level.priority and finished_at is null
      and due_at <= {asof} and (due_at, seq) >= (level.due_at, level.seq)
      and expires_at <= {asof}
      and not exists (select 1 from lease_paused_queue where queue = :queue)
    order by due_at, seq
    limit {limit}
    for no key update skip locked) job
  limit :limit))
returning seq, id, type, payload, headers, priority, due_at, attempts, max_attempts, token, expires_at, outcome
