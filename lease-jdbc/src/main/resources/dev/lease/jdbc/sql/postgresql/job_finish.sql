-- Finishes jobs that are held. Of jobs that are done and not kept only the ids stay: those of version 7 together, in rows
-- of their own, and each other one in its job's emptied row, as that of a job whose dedup key stays taken. Returns the
-- positions of those that it finished.
-- arrays: queue, id, token, outcome, keep (microseconds, the store's default), forgets (1 if only the id stays of a
-- job that is not kept, else 0), result, error

-- One expression checks the token and that the job is held, because the planner has no statistics for an expression.
-- From a table that was analysed while nothing was held it would conclude that one row is held, and search all rows
-- for that one first.
with settled as materialized (
  select *, forgets = 1 and {time_ordered} as leaves
  from unnest(:queue, :id, :token, :outcome, :keep, :forgets, :result, :error)
    with ordinality as s(queue, id, token, outcome, keep, forgets, result, error, ord)
), gone as (
  delete from lease_job j
  using settled s
  where s.leaves and coalesce(j.keep, s.keep) = 0 and j.dedup_until is null
    and j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
  returning s.ord, j.queue, j.id, j.token
), remembered as (
  insert into lease_remembered (queue, last_id, first_id, token, ids, kept_until)
  select queue, max(id), min(id), max(token), string_agg(id, ''), {asof} + {remembered}
  from gone
  group by queue, left(id, 8)
), steps as (
  delete from lease_checkpoint c
  using gone
  where c.queue = gone.queue and c.job_id = gone.id
), attempts as (
  delete from lease_attempt a
  using gone
  where a.queue = gone.queue and a.job_id = gone.id
), kept as (
  update lease_job j
  set outcome = case when {unkept} then null else s.outcome end,
      failures = j.failures + case when s.outcome = {FAILED} then 1 else 0 end,
      finished_at = {asof},
      kept_until = {asof}
        + case when {unkept} then {remembered} else {greatest}(coalesce(j.keep, s.keep), {least_kept}) end,
      expires_at = 0, cancel_requested = false,
      payload = case when {unkept} then '' else j.payload end,
      headers = case when {unkept} then '' else j.headers end,
      dedup_key = case when {unkept} and j.dedup_until is null then null else j.dedup_key end,
      progress_percent = case when {unkept} then null else j.progress_percent end,
      progress_message = case when {unkept} then null else j.progress_message end,
      result = case when {unkept} then null else s.result end,
      error = s.error
  from settled s
  where s.ord not in (select ord from gone)
    and j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
  returning s.ord
)
select ord from gone
union all
select ord from kept;

-- The positions of held jobs whose rows others have locked, for a caller that skips these. It locks the other rows
-- for that caller.
with free as materialized (
  select s.ord
  from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
  cross join lateral (
    select 1
    from lease_job
    where queue = s.queue and id = s.id and token = s.token and expires_at <> 0
    for no key update skip locked) j
)
select s.ord
from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
cross join lateral (
  select 1
  from lease_job
  where queue = s.queue and id = s.id and token = s.token and expires_at <> 0
  offset 0) j
where s.ord not in (select ord from free)
