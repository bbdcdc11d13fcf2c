-- Removes all but the last failed attempts of jobs.
-- keys: queue, id; last (how many stay); then queue, id, token

-- A look that locks nothing: one that locks would wait for what others have just added.
select queue, job_id, token
from (
  select queue, job_id, token, row_number() over (partition by queue, job_id order by token desc) as place
  from lease_attempt force index (primary)
  where (queue, job_id) in ({keys})) numbered
where place > {last};

-- Written as one from several tables, which alone takes a hint: without it the server would read all of a small table.
delete lease_attempt
from lease_attempt force index (primary)
where queue = :queue and job_id = :id and token = :token
