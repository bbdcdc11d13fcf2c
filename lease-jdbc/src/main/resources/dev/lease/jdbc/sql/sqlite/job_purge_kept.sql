-- Removes finished jobs that have been kept long enough, and remembered ids. Of those whose dedup keys are
-- still taken, the ids and the keys stay.
-- queue, limit; found (seq of rows)
select seq, id, token from lease_job
where queue = :queue and kept_until <= {now}
order by kept_until
limit :limit;

update lease_job
set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and dedup_until > {now};

delete from lease_job
where seq in ({found}) and (dedup_until is null or dedup_until <= {now})
