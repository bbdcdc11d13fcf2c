-- The last job; 0 if there is none. What comes later has a larger number.
-- queue
select coalesce(max(seq), 0)
from lease_job
where :queue is not null
