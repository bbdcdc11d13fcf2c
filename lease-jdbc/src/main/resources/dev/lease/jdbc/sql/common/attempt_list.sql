-- Reads the last failed attempts of a job, newest first.
-- queue, id, limit
select attempt, owner, token, failed_at, error
from lease_attempt
where queue = :queue and job_id = :id
  and exists (select 1 from lease_job where queue = :queue and id = :id and {present})
order by token desc
limit :limit
