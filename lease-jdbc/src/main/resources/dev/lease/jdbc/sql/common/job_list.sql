-- Reads a page of jobs, in the order of enqueueing or the reverse order.
-- the values of the conditions, limit
select {job_columns}, {asof} as as_of
from lease_job {by}
where {present}
  and {conditions}
order by seq {direction}
limit :limit;

-- Whether the queue of the filter has any job: otherwise one that has none would cost a walk over all others.
exists (select 1 from lease_job where queue = :queue)
