-- Removes jobs that finished long enough ago.
-- queue, age (microseconds), limit
select seq
from lease_job force index (lease_job_finished)
where queue = :queue and finished_at <= {asof} - :age
order by finished_at
limit :limit
for update skip locked;

delete from lease_job
where seq in ({found})
returning id, token
