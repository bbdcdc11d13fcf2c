-- Removes finished jobs whose time to be kept has run out.
-- queue, limit
select seq
from lease_job force index (lease_job_kept)
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit
for update skip locked;

delete from lease_job
where seq in ({found})
returning id, token
