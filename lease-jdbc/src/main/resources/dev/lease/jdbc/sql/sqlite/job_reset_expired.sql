-- Returns expired jobs to RETRY, and finishes those that are spent, as a claim does. It does so for one slice of the
-- jobs that are not finished, behind a given job.
-- queue, keep (microseconds, the store's default), spentOnly (whether it only finishes jobs: the spent ones that a
-- claim would meet, held before or not), limit, slice (how many to look at); priority, due, seq: behind which job to
-- begin; found (seq of rows)

-- The jobs to change, and the last job that it looked at, if there may be more. In two parts, because for a comparison
-- of several columns the index serves only the first one.
select seq, priority, due_at, place, found
from (
  select seq, priority, due_at, row_number() over (order by priority, due_at, seq) as place,
    expires_at <= {asof}
      and case when :spentOnly then due_at <= {asof} and {spent} else expires_at <> 0 end as found
  from (
    select seq, priority, due_at, expires_at, attempts, failures, max_crashes, cancel_requested, not_after
    from lease_job {use lease_job_ready}
    where {unfinished} and queue = :queue and priority = :priority and (due_at, seq) > (:due, :seq)
    union all
    select seq, priority, due_at, expires_at, attempts, failures, max_crashes, cancel_requested, not_after
    from lease_job {use lease_job_ready}
    where {unfinished} and queue = :queue and priority > :priority and priority < 10
    order by priority, due_at, seq
    limit :slice) looked) walk
where found or place = :slice
order by place
limit :limit;

-- The ids of those that were held: their attempts have failed.
select id
from lease_job
where seq in (select value from json_each(:found)) and expires_at <> 0;

update lease_job
set expires_at = 0,
    outcome = {spent_outcome},
    finished_at = case when {spent} then {asof} end,
    kept_until = case when {spent} then {asof} + {kept} end,
    error = {spent_error},
    cancel_requested = false
where seq in (select value from json_each(:found))
returning id, type, attempts, failures, outcome, error, {ending}
