-- Claims jobs that are due and not held, the most urgent first. Of those that it meets, finishes the ones that are
-- spent: they have crashed too often, or their cancellation was requested, or their deadline has passed.
-- queue, owner, limit, duration, keep (microseconds); found (seq of rows); asOf (the time of the look); due, seq: where
-- to begin in a priority

-- The first such jobs of one range out of several. It locks nothing: a locking walk would lock held jobs on its way,
-- and extensions would miss them. It passes over the entries of finished jobs that the server has not purged yet, which
-- costs little.
(select priority, due_at, seq
from lease_job {use lease_job_ready}
where live = 1 and queue = :queue and priority = :priority{range}
  and (due_at = :due{range} and seq >= :seq{range} or due_at > :due{range}) and due_at <= {asof}
  and expires_at <= {asof}
  and not exists (select 1 from lease_paused_queue where queue = :queue)
order by due_at, seq
limit :limit);

-- The time of the look, which comes with them.
select -1 as priority, {asof} as due_at, 0 as seq;

-- Jobs of one priority, from there on, with the bytes that the claim would give of each: 0 for a job that it finishes.
-- Skips rows that others have locked. The index has to give the order: for a sort the server would lock all candidates,
-- and the next worker would see an empty queue.
select seq, id, expires_at <> 0 as expired,
  case when {spent} then 0 else octet_length(payload) end as bytes,
  {spent} as spent, {asof} as as_of
from lease_job {use lease_job_ready}
where live = 1 and queue = :queue and priority = :priority
  and (due_at = :due and seq >= :seq or due_at > :due) and due_at <= {asof}
  and expires_at <= {asof}
order by due_at, seq
limit :limit
for update skip locked;

-- The same of jobs of one priority that are known, where there are fewer than the claim may give. The walk would go on
-- behind the last of them, and would lock each entry that is not purged: sixty times as much as to pass over it.
select seq, id, expires_at <> 0 as expired,
  case when {spent} then 0 else octet_length(payload) end as bytes,
  {spent} as spent, {asof} as as_of
from lease_job {use primary}
where seq in ({found}) and live = 1 and queue = :queue and priority = :priority and due_at <= {asof}
  and expires_at <= {asof}
for update skip locked;

-- Claims those that are not spent. The hint is for small tables: there the server would read all rows, and
-- wait for those that others have locked.
update lease_job {use primary}
set attempts = attempts + 1,
    token = greatest(token + 1, :asOf, (select token + 1 from lease_token_floor)),
    owner = :owner, expires_at = :asOf + :duration
where seq in ({found});

-- Finishes the others, as of the time at which they were found spent: the clock may have been set back since.
update lease_job {use primary}
set outcome = {met_outcome}, finished_at = :asOf, kept_until = :asOf + {kept}, error = {met_error},
    expires_at = 0, cancel_requested = false
where seq in ({found});

-- Returns the rows.
select {claim_columns}
from lease_job {use primary}
where seq in ({found})
