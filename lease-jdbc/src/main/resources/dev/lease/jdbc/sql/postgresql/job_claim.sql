-- Takes jobs that are due and not held, the most urgent first, and ends those that it meets with no attempt
-- left or with their cancellation asked for. Answers the time at which it looked and how many it picked, with each
-- that it took or ended; fewer than it picked where the payloads are too large together.
-- One index walk a priority, which stops at what is not due; rows that others have locked are skipped. The
-- ids are collected in an array before anything is updated, else the planner may run the subquery anew
-- for each row and pass the limit. {limit} is a literal of a few sizes, so that the plan does not assume a
-- tenth of the table; the exact limit stops the walk. Rows are changed by their key: in a partitioned table a ctid
-- names one in each partition, and one that was updated after the statement's snapshot would be missed.
-- An expired lease that it meets is a failed attempt, of which the last ten stay.
-- queue, worker, limit, maxBytes, first (whether the first job goes whatever its size), duration, keep (microseconds);
-- arrays: priority, due, seq: where to begin in each
with picked as materialized (
  select walk.*, sum(bytes) over (rows unbounded preceding) as total
  from (
    select job.*
    from unnest(:priority, :due, :seq) as level(priority, due_at, seq)
    cross join lateral (
      select id, token, attempts, owner, expires_at <> 0 as expired,
        case when attempts >= max_attempts or cancel_requested then 0 else octet_length(payload) end as bytes
      from lease_job
      where queue = :queue and priority = level.priority and finished_at is null
        and due_at <= {asof} and (due_at, seq) >= (level.due_at, level.seq)
        and expires_at <= {asof}
        and not exists (select 1 from lease_paused_queue where queue = :queue)
      order by due_at, seq
      limit {limit}
      for no key update skip locked) job
    limit :limit) walk
), fitting as (
  select * from picked where total <= :maxBytes or total = bytes and :first
), lost as (
  insert into lease_attempt (queue, job_id, token, attempt, worker, failed_at, error)
  select :queue, id, token, attempts, owner, {asof}, 'lease expired' from fitting where expired
  on conflict do nothing
  returning job_id
), trimmed as (
  delete from lease_attempt a
  using lost
  where a.queue = :queue and a.job_id = lost.job_id and a.token <= (
    select token from lease_attempt b
    where b.queue = a.queue and b.job_id = a.job_id
    order by token desc
    limit 1 offset 9)
), met as (
  update lease_job
  set attempts = case when attempts >= max_attempts or cancel_requested then attempts else attempts + 1 end,
      token = case when attempts >= max_attempts or cancel_requested then token else greatest(token + 1, {now}) end,
      owner = case when attempts >= max_attempts or cancel_requested then owner else :worker end,
      expires_at = case when attempts >= max_attempts or cancel_requested then 0 else {now} + :duration end,
      outcome = case when cancel_requested then 5 when attempts >= max_attempts then 4 end,
      finished_at = case when attempts >= max_attempts or cancel_requested then {asof} end,
      kept_until = case when attempts >= max_attempts or cancel_requested then {asof} + {kept} end,
      error = case when attempts >= max_attempts and not cancel_requested then 'lease expired' else error end,
      cancel_requested = false
  where queue = :queue and id = any(array(select id from fitting))
  returning seq, id, type, case when outcome is null then payload end as payload, headers, priority, due_at,
    attempts, max_attempts, token, expires_at, outcome, error
)
select look.as_of, look.picked, met.*
from (select {asof} as as_of, (select count(*) from picked) as picked) look
left join met on true
