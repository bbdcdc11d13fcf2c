-- Removes finished jobs whose time to be kept has run out, and forgets ids.
-- queue, limit
select seq, id, token
from lease_job force index (lease_job_kept)
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit
for update skip locked;

-- Written as one from several tables, which alone takes a hint: without it the server would read all of a small table,
-- and wait for rows that others have locked.
delete lease_job
from lease_job force index (primary)
where seq in ({found})
