-- Finishes jobs that are held. Of jobs that are done and not kept only the ids stay, here in their emptied rows. Returns
-- the positions of those that it finished, and their keys.
-- arrays: queue, id, token, outcome, keep (microseconds, the store's default), forgets (1 if only the id stays of a
-- job that is not kept, else 0), result, error

-- One expression checks the token and that the job is held, because the planner has no statistics for an expression.
-- From a table that was analysed while nothing was held it would conclude that one row is held, and search all rows
-- for that one first.
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
from unnest(:queue, :id, :token, :outcome, :keep, :forgets, :result, :error)
  with ordinality as s(queue, id, token, outcome, keep, forgets, result, error, ord)
where j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
returning s.ord, {ending}, j.outcome;

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
where s.ord not in (select ord from free);

-- Before it, if the store keeps no jobs that are done: finishes those whose ids stay in rows with others.
-- arrays: queue, id, token
with gone as (
  delete from lease_job j
  using unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
  where j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
    and coalesce(j.keep, 0) = 0 and j.dedup_until is null and {no_graph}
  returning s.ord, j.queue, j.id, j.token, {ending}
), remembered as (
  insert into lease_remembered (queue, last_id, first_id, token, ids, kept_until)
  select queue, max(id), min(id), max(token), string_agg(id, ''), {asof} + {remembered}
  from (
    select queue, id, token, (row_number() over (partition by queue, left(id, 8) order by id) - 1) / {ids_of_a_row} as part
    from gone) alike
  group by queue, left(id, 8), part
), attempts as (
  delete from lease_attempt a
  using gone
  where a.queue = gone.queue and a.job_id = gone.id
)
select ord, job_key, graph, part, 0 as outcome from gone;

-- Sent together with it: removes the steps of jobs that have gone. As a statement of its own it sees the steps that a
-- transaction has committed for which the delete had to wait. A job that was not finished still has its row.
-- arrays: queue, id
delete from lease_checkpoint c
using unnest(:queue, :id) as s(queue, id)
where c.queue = s.queue and c.job_id = s.id
  and not exists (select 1 from lease_job j where j.queue = s.queue and j.id = s.id)
