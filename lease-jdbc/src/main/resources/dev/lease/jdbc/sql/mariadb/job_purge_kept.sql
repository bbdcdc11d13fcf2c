-- Removes finished jobs that have been kept long enough, and remembered ids. Of those that finished too short ago, the
-- ids stay: one of version 7 goes into a row with others (remembered_until), and another one stays in the job's emptied
-- row. So do the id and the key of a job whose dedup key is still taken.
-- queue, limit
select seq, id, token, queue, dedup_key, {leaves_id} as remembered_until
from lease_job {use lease_job_kept}
where queue = :queue and kept_until <= {asof} and {not_needed}
order by kept_until
limit :limit
for update skip locked;

update lease_job {use primary}
set kept_until = {id_kept_until}, outcome = null, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and {leaves_id} is null and {id_kept_until} > {asof};

-- This form of delete, for several tables, is the only one that takes an index hint. Without the hint the server
-- would read all of a small table, and wait for rows that others have locked.
delete lease_job
from lease_job {use primary}
where seq in ({found}) and kept_until <= {asof}
