select seq, id, token, queue, dedup_key, null as remembered_until
from lease_job
where queue = :queue and outcome in ({DONE}, {FAILED}, {CANCELLED}) and finished_at <= {asof} - :age
order by outcome, finished_at
limit :limit
for update skip locked;

update lease_job
set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and dedup_until > {asof};

delete from lease_job
where seq in ({found}) and (dedup_until is null or dedup_until <= {asof})
