-- Takes jobs that are due and not held, the most urgent first, and ends those that it meets with no attempt
-- left or with their cancellation asked for.
-- queue, owner, limit, duration, keep (microseconds); found (numbers of rows); due9, seq9, ... due0, seq0: where to begin in each priority

-- Where the first such job is, for one priority of ten. It locks nothing, since a walk that locks would lock
-- what is held on its way and make extensions miss it.
(select priority, due_at, seq
from lease_job force index (lease_job_ready)
where live = 1 and queue = :queue and priority = {priority}
  and (due_at = :due{priority} and seq >= :seq{priority} or due_at > :due{priority}) and due_at <= {asof}
  and expires_at <= {asof}
  and not exists (select 1 from lease_paused_queue where queue = :queue)
order by due_at, seq
limit 1);

-- And when it looked, which comes with them.
select -1, {asof}, 0;

-- Jobs of one priority, from there on, and the size of what it would give; rows that others have locked are skipped.
-- The index has to give the order: to sort, the server would lock all of them, and the next worker would see an empty
-- queue.
select seq, id, expires_at <> 0 as expired,
  case when {spent} then 0 else octet_length(payload) end as bytes,
  {spent} as spent, {asof} as as_of
from lease_job force index (lease_job_ready)
where live = 1 and queue = :queue and priority = :priority
  and (due_at = :due and seq >= :seq or due_at > :due) and due_at <= {asof}
  and expires_at <= {asof}
order by due_at, seq
limit :limit
for update skip locked;

-- Those are taken; in a small table the server would read all rows, and wait for those of others ...
update lease_job force index (primary)
set attempts = attempts + 1, token = greatest(token + 1, :asOf), owner = :owner, expires_at = :asOf + :duration
where seq in ({found});

-- ... or ended.
update lease_job force index (primary)
set outcome = case when cancel_requested then {CANCELLED} else {FAILED} end, finished_at = :asOf,
    kept_until = :asOf + {kept},
    error = case when cancel_requested then error else 'lease expired' end,
    expires_at = 0, cancel_requested = false
where seq in ({found});

-- What is given: not more than it may be.
select {claim_columns}
from lease_job force index (primary)
where seq in ({found})
