-- Removes jobs that finished long enough ago. Of those whose dedup keys are still
-- taken, the ids and the keys stay.
-- queue, age (microseconds), limit; found (seq of rows)
select seq, id, token, null as remembered_until from lease_job
where queue = :queue and outcome in ({DONE}, {FAILED}, {CANCELLED}) and finished_at <= {now} - :age and {not_needed}
order by outcome, finished_at
limit :limit;

update lease_job
set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and dedup_until > {now};

delete from lease_job
where seq in ({found}) and (dedup_until is null or dedup_until <= {now})
