-- Claims jobs that are due and not held, the most urgent first. Of those that it meets, finishes the ones that are
-- spent: they have crashed too often, or their cancellation was requested, or their deadline has passed.
-- queue, owner, limit, duration, keep (microseconds); found (seq of rows, as JSON); asOf (the time of the look); due9,
-- seq9, ... due0, seq0: where to begin in each priority

-- The time of the look, with each row that it meets: the id if its lease has expired, and the bytes that the claim
-- would give, 0 for a job that it finishes.
-- The cross join fixes the order: priority by priority, each along the index, until the limit is reached.
with level(priority, due_at, seq) as (
  values (9, :due9, :seq9), (8, :due8, :seq8), (7, :due7, :seq7), (6, :due6, :seq6), (5, :due5, :seq5),
    (4, :due4, :seq4), (3, :due3, :seq3), (2, :due2, :seq2), (1, :due1, :seq1), (0, :due0, :seq0)
)
select look.as_of, met.*
from (select {now} as as_of) look left join (
  select job.seq, case when job.expires_at <> 0 then job.id end as expired,
    case when {spent} then 0 else octet_length(job.payload) end as bytes, {spent} as spent
  from level cross join lease_job job {use lease_job_ready}
  where job.queue = :queue and job.priority = level.priority and job.finished_at is null
    and job.due_at <= {now} and (job.due_at, job.seq) >= (level.due_at, level.seq)
    and job.expires_at <= {now}
    and not exists (select 1 from lease_paused_queue where queue = :queue)
  limit :limit) met;

-- Claims those that are not spent.
update lease_job
set attempts = attempts + 1,
    token = max(token + 1, :asOf, (select token + 1 from lease_token_floor)),
    owner = :owner, expires_at = :asOf + :duration
where seq in (select value from json_each(:found))
returning {claim_columns};

-- Finishes the others, as of the time at which they were found spent: the clock may have been set back since.
update lease_job
set outcome = {met_outcome}, finished_at = :asOf, kept_until = :asOf + {kept}, error = {met_error},
    expires_at = 0, cancel_requested = false
where seq in (select value from json_each(:found))
returning {claim_columns}
