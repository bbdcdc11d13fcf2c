-- Removes jobs that finished long enough ago. Of those whose dedup keys are still
-- taken, the ids and the keys stay.
-- queue, age (microseconds), limit

-- In the order of the index: otherwise the server would sort, and lock all candidates.
select seq, id, token, queue, dedup_key, null as remembered_until
from lease_job {use lease_job_finished}
where queue = :queue and outcome in ({DONE}, {FAILED}, {CANCELLED}) and finished_at <= {asof} - :age and {not_needed}
order by outcome, finished_at
limit :limit
for update skip locked;

update lease_job {use primary}
set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and dedup_until > {asof};

-- This form of delete, for several tables, is the only one that takes an index hint. Without the hint the server
-- would read all of a small table, and wait for rows that others have locked.
delete lease_job
from lease_job {use primary}
where seq in ({found}) and (dedup_until is null or dedup_until <= {asof})
