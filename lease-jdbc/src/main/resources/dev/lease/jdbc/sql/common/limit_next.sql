-- The next keys of a queue that have jobs which are not finished, or limits of their own, each by some steps along the
-- index.
-- queue, after (a key, or ''), limit
with recursive keys(job_key) as (
  select min(first.job_key)
  from (
    select min(job_key) as job_key from lease_job
    where queue = :queue and {key_place} = 0 and job_key > :after and {key_open}
    union all
    select min(job_key) from lease_job
    where queue = :queue and {key_place} = 1 and job_key > :after and {key_open}
    union all
    select min(job_key) from lease_job
    where queue = :queue and {key_place} = 3 and job_key > :after and {key_open}
    union all
    select min(job_key) from lease_job
    where queue = :queue and {key_place} = 4 and job_key > :after and {key_open}
    union all
    select min(job_key) from lease_limit
    where queue = :queue and job_key > :after and slots is not null) first
  union all
  select (
    select min(next.job_key)
    from (
      select min(job_key) as job_key from lease_job
      where queue = :queue and {key_place} = 0 and job_key > keys.job_key and {key_open}
      union all
      select min(job_key) from lease_job
      where queue = :queue and {key_place} = 1 and job_key > keys.job_key and {key_open}
      union all
      select min(job_key) from lease_job
      where queue = :queue and {key_place} = 3 and job_key > keys.job_key and {key_open}
      union all
      select min(job_key) from lease_job
      where queue = :queue and {key_place} = 4 and job_key > keys.job_key and {key_open}
      union all
      select min(job_key) from lease_limit
      where queue = :queue and job_key > keys.job_key and slots is not null) next)
  from keys
  where job_key is not null)
select job_key
from keys
where job_key is not null
limit :limit
