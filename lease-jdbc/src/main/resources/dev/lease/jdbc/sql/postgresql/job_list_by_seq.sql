-- The next jobs in the order of enqueueing or the reverse order, for job_list.sql. Puts them together from parts: those
-- jobs of a queue that are not finished, and those of each outcome. The index has each of them in that order.
-- the values of the conditions, most
with recursive names(queue) as ({queues})
select part.*
from names
cross join lateral ({parts}) part
order by part.seq {direction}
limit :most;

-- A part of the jobs of a queue.
(select job.*
from lease_job job
where queue = names.queue and {part}
  and {range}
order by seq {direction}
limit :most);

-- The queue of the filter.
select cast(:queue as text) collate "C";

-- All queues, each by one step along the index.
(select queue from lease_job order by queue limit 1)
union all
select next.queue
from names
cross join lateral (select queue from lease_job where queue > names.queue order by queue limit 1) next
