-- Reads a page of jobs, in the order of enqueueing or the reverse order.
-- the values of the conditions, limit
select {job_columns}, {asof} as as_of
from lease_job
where {present}
  and {conditions}
order by seq {direction}
limit :limit
