-- The next keys of a queue that have jobs on the shelf, each by one step along the index.
-- queue, after (a key, or ''), limit
with recursive keys(job_key) as (
  select min(job_key)
  from lease_job
  where queue = :queue and {key_place} = 1 and job_key > :after and {key_open}
  union all
  select (
    select min(job_key)
    from lease_job
    where queue = :queue and {key_place} = 1 and job_key > keys.job_key and {key_open})
  from keys
  where job_key is not null)
select job_key
from keys
where job_key is not null
limit :limit
