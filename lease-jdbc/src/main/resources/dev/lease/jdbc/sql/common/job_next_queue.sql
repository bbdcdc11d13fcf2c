-- Reads the name of the next queue that has a job.
-- after
select min(queue)
from lease_job
where queue > :after
