select seq, id, token, queue, dedup_key
from lease_job
where queue = :queue and outcome in ({DONE}, {FAILED}, {CANCELLED}) and finished_at <= {asof} - :age
order by outcome, finished_at
limit :limit
for update skip locked;

delete from lease_job
where seq in ({found})
