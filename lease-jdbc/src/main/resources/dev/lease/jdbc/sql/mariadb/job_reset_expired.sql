-- Returns expired jobs to RETRY, and finishes those that are spent, as a claim does. It does so for one slice of the
-- jobs that are not finished, behind a given job.
-- queue, keep (microseconds, the store's default), spentOnly (whether it only finishes jobs: the spent ones that a
-- claim would meet, held before or not), limit, slice (how many to look at); priority, due, seq: behind which job to
-- begin; found (seq of rows)

-- The jobs to change, and the last job that it looked at, if there may be more. It locks nothing: otherwise claims and
-- extensions would miss the rows on its way.
select seq, priority, due_at, place, found
from (
  select seq, priority, due_at, row_number() over (order by priority, due_at, seq) as place,
    expires_at <= {asof}
      and case when :spentOnly then due_at <= {asof} and {spent} else expires_at <> 0 end as found
  from (
    select seq, priority, due_at, expires_at, attempts, failures, max_crashes, cancel_requested, not_after
    from lease_job {use lease_job_ready}
    where {unfinished} and queue = :queue and priority < 10
      and (priority > :priority or priority = :priority and (due_at > :due or due_at = :due and seq > :seq))
    order by priority, due_at, seq
    limit :slice) looked) walk
where found or place = :slice
order by place
limit :limit;

-- Locks them, with the ids of those that were held: their attempts have failed.
select seq, case when expires_at <> 0 then id end as expired
from lease_job {use primary}
where seq in ({found}) and finished_at is null and expires_at <= {asof}
  and case when :spentOnly then due_at <= {asof} and {spent} else expires_at <> 0 end
for update skip locked;

update lease_job {use primary}
set outcome = {spent_outcome},
    finished_at = case when {spent} then {asof} end,
    kept_until = case when {spent} then {asof} + {kept} end,
    error = {spent_error},
    expires_at = 0, cancel_requested = false
where seq in ({found});

select id, type, attempts, failures, outcome, error, {ending}
from lease_job {use primary}
where seq in ({found})
