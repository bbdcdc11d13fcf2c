-- The next keys of a queue that have jobs which are not finished, or limits of their own.
-- queue, after (a key, or ''), limit
select distinct job_key
from (
  (select distinct job_key
  from lease_job {use lease_job_key}
  where queue = :queue and key_place = 0 and job_key > :after
  order by job_key
  limit :limit)
  union all
  (select distinct job_key
  from lease_job {use lease_job_key}
  where queue = :queue and key_place = 1 and job_key > :after
  order by job_key
  limit :limit)
  union all
  (select distinct job_key
  from lease_job {use lease_job_key}
  where queue = :queue and key_place = 3 and job_key > :after
  order by job_key
  limit :limit)
  union all
  (select distinct job_key
  from lease_job {use lease_job_key}
  where queue = :queue and key_place = 4 and job_key > :after
  order by job_key
  limit :limit)
  union all
  (select job_key
  from lease_limit
  where queue = :queue and job_key > :after and slots is not null
  order by job_key
  limit :limit)) keyed
order by job_key
limit :limit
