-- Removes finished jobs that have been kept long enough, and remembered ids. Of those that finished too short ago, the
-- ids stay: one of version 7 goes into a row with others (remembered_until), and another one stays in the job's emptied
-- row. So do the id and the key of a job whose dedup key is still taken.
-- queue, limit; found (seq of rows)
select seq, id, token, {leaves_id} as remembered_until from lease_job
where queue = :queue and kept_until <= {now} and {not_needed}
order by kept_until
limit :limit;

update lease_job
set kept_until = {id_kept_until}, outcome = null, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and {leaves_id} is null and {id_kept_until} > {now};

delete from lease_job
where seq in ({found}) and kept_until <= {now}
