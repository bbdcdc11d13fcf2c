select seq, id, token, queue, dedup_key, {leaves_id} as remembered_until
from lease_job
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit
for update skip locked;

update lease_job
set kept_until = {id_kept_until}, outcome = null, payload = '', headers = '', result = null, error = null,
    progress_percent = null, progress_message = null
where seq in ({found}) and {leaves_id} is null and {id_kept_until} > {asof};

delete from lease_job
where seq in ({found}) and kept_until <= {asof}
