select seq, id, token, queue, dedup_key
from lease_job
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit
for update skip locked;

update lease_job
set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and dedup_until > {asof};

delete from lease_job
where seq in ({found}) and (dedup_until is null or dedup_until <= {asof})
