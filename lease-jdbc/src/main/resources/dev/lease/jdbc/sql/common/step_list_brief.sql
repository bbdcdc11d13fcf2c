-- Reads the steps of a job with the beginnings of their values, in the order in which they were kept. A database that
-- counts a pair of surrogates as two characters sends 200 of them all the same.
-- queue, id
select step, substr(value, 1, 400) as value, kept_at
from lease_checkpoint
where queue = :queue and job_id = :id
  and exists (select 1 from lease_job where queue = :queue and id = :id and {present})
order by seq
