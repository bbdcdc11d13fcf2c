-- Removes finished jobs that have been kept long enough, and remembered ids. Of those whose dedup keys are
-- still taken, the ids and the keys stay.
-- queue, limit
select seq, id, token, queue, dedup_key
from lease_job {use lease_job_kept}
where queue = :queue and kept_until <= {asof}
order by kept_until
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
