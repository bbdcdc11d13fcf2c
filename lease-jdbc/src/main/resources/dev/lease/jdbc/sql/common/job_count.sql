-- Counts the jobs that match.
-- the values of the conditions, most
select count(*)
from (
  select 1 as matching
  from lease_job {by}
  where {conditions}
  limit :most) jobs
