-- How some jobs have ended.
-- found (seq of jobs)
select seq, outcome
from lease_job
where seq in ({found})
