-- The places of the next jobs in the order of enqueueing or the reverse order, for job_list.sql.
-- the values of the conditions, most
select job.seq as place
from lease_job job {by}
where {range}
order by job.seq {direction}
limit :most;

-- Whether a queue has any job: otherwise one that has none would cost a walk over all others.
-- queue
select 1
from lease_job
where queue = :queue
limit 1
