-- The last job. What comes later has a larger number.
select seq
from lease_job
order by seq desc
limit 1
