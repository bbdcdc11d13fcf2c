-- The last job of a queue that is not finished; 0 if there is none. What comes later has a larger number.
-- queue
select coalesce(max(seq), 0)
from lease_job
where queue = :queue and (finished_at is null) = (outcome is null) and outcome is null
