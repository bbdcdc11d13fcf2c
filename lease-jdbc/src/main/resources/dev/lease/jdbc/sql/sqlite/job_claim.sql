-- Claims jobs that are due and not held, the most urgent first. Of those that it meets, finishes the ones that are
-- spent: they have crashed too often, or their cancellation was requested, or their deadline has passed.
-- queue, owner, limit, duration, keep (microseconds); found (seq of rows, as JSON); asOf (the time of the look);
-- priority, due, seq, toDue, toSeq: the ranges, in the order of claims, without their ends

-- The time of the look, with each row that it meets: the id if its lease has expired, and the bytes that the claim
-- would give, 0 for a job that it finishes.
-- The cross join fixes the order: range by range, each along the index, until the limit is reached.
with part(priority, due_at, seq, to_due, to_seq) as (
  values {range:(:priority, :due, :seq, :toDue, :toSeq)}
)
select look.as_of, met.*
from (select {now} as as_of) look left join (
  select job.seq, case when job.expires_at <> 0 then job.id end as expired,
    case when {spent} then 0 else octet_length(job.payload) end as bytes, {spent} as spent
  from part cross join lease_job job {use lease_job_ready}
  where job.queue = :queue and job.priority = part.priority and job.finished_at is null
    and job.due_at <= min({now}, part.to_due) and (job.due_at, job.seq) >= (part.due_at, part.seq)
    and (job.due_at, job.seq) < (part.to_due, part.to_seq)
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
