-- Reads a page of jobs in order of enqueueing.
-- queue (or null), type (or null), states (a bit for each code of a state), after, limit
select {job_columns}, {asof} as as_of
from lease_job
where {finished}
  and seq > :after
  and (:queue is null or queue = :queue)
  and (:type is null or type = :type)
  and :states & (1 << {state}) <> 0
order by seq
limit :limit
