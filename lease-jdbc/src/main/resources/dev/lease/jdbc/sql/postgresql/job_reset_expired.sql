-- Returns expired jobs to RETRY, and finishes those that are spent, as a claim does. It does so for one slice of the
-- jobs that are not finished, behind a given job. Returns where the next slice begins, if there is one, with each job
-- that it changed. Skips rows that others have locked. {slice} is a literal, so that the plan is made for that many.
-- Each job that was held has a failed attempt more, and the last ten of each job stay. That a found job is not finished
-- stands in the case: otherwise the planner would search the index of all that are not, instead of that of the ids.
-- queue, keep (microseconds, the store's default), spentOnly (whether it only finishes jobs: the spent ones that a
-- claim would meet, held before or not), limit; priority, due, seq: behind which job to begin
with walk as materialized (
  select id, priority, due_at, seq, expires_at <= {asof}
    and case when :spentOnly then due_at <= {asof} and {spent} else expires_at <> 0 end as found
  from lease_job
  where queue = :queue and finished_at is null and (priority, due_at, seq) > (:priority, :due, :seq) and priority < 10
  order by priority, due_at, seq
  limit {slice}
), found as materialized (
  select id, priority, due_at, seq from walk where found order by priority, due_at, seq limit :limit
), free as materialized (
  select id, expires_at <> 0 as held
  from lease_job
  where queue = :queue and id = any(array(select id from found)) and expires_at <= {asof}
    and case when finished_at is not null then false
      when :spentOnly then due_at <= {asof} and {spent} else expires_at <> 0 end
  for no key update skip locked
), changed as (
  update lease_job
  set expires_at = 0,
      outcome = {spent_outcome},
      finished_at = case when {spent} then {asof} end,
      kept_until = case when {spent} then {asof} + {kept} end,
      error = {spent_error},
      cancel_requested = false
  where queue = :queue and id = any(array(select id from free))
  returning id, type, attempts, failures, outcome, error, token, owner, {ending}
), lost as (
  insert into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
  select :queue, id, coalesce(token, 0), attempts, owner, {asof}, 'lease expired'
  from changed
  where owner is not null and id = any(array(select id from free where held))
  on conflict do nothing
  returning job_id
), trimmed as (
  delete from lease_attempt a
  where a.ctid = any(array(
      select gone.place
      from lost
      cross join lateral (
        select ctid as place
        from lease_attempt
        where queue = :queue and job_id = lost.job_id
        order by token desc
        offset 9) gone))
    and a.queue = :queue and a.job_id in (select job_id from lost)
), next as (
  (select priority, due_at, seq from found offset :limit - 1)
  union all
  (select priority, due_at, seq from walk offset {slice} - 1)
  order by priority, due_at, seq
  limit 1
)
select next.*, changed.*
from (values (1)) one
left join next on true
left join changed on true
