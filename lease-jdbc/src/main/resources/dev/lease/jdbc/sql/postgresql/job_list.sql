-- Reads a page of jobs, in the order of enqueueing or the reverse order. Puts it together from parts: those jobs of a
-- queue that are not finished, and those of each outcome. The index has each of them in that order.
-- the values of the conditions, limit
with recursive names(queue) as ({queues})
select job.*, {asof} as as_of
from names
cross join lateral ({parts}) job
order by job.seq {direction}
limit :limit;

-- A part of the jobs of a queue.
(select {job_columns}
from lease_job
where {present} and queue = names.queue and {part}
  and {conditions}
order by seq {direction}
limit :limit);

-- The queue of the filter.
select cast(:queue as text) collate "C";

-- All queues, each by one step along the index.
(select queue from lease_job order by queue limit 1)
union all
select next.queue
from names
cross join lateral (select queue from lease_job where queue > names.queue order by queue limit 1) next
