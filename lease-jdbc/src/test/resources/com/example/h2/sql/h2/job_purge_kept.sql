select seq, id, token, queue, dedup_key
from lease_job
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit
for update skip locked;

delete from lease_job
where seq in ({found})
