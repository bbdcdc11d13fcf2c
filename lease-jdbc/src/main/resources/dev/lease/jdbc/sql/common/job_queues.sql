-- Reads the names of the queues that have rows, each by one step along the index.
with recursive names(queue) as (
  select min(queue) from lease_job
  union all
  select (select min(queue) from lease_job where queue > names.queue)
  from names
  where queue is not null)
select queue
from names
where queue is not null
