-- The next jobs in the order of enqueueing or the reverse order, for job_list.sql. Puts them together from parts: those
-- jobs of a queue that are not finished, and those of each outcome. The index has each of them in that order, and is
-- enough to find the last place: so no part reads jobs behind it.
-- the values of the conditions, most
with recursive names(queue) as ({queues}),
last(seq) as (
  select part.seq
  from names
  cross join lateral ({places}) part
  order by part.seq {direction}
  limit 1 offset :most - 1)
select part.*
from names
cross join lateral ({parts}) part
order by part.seq {direction}
limit :most;

-- The places of a part.
(select job.seq
from lease_job job
where queue = names.queue and {part}
  and {range}
order by seq {direction}
limit :most);

-- The jobs of a part.
(select job.*
from lease_job job
where queue = names.queue and {part}
  and {range} and seq {until} coalesce((select last.seq from last), {end})
order by seq {direction}
limit :most);

-- The only part of a list.
select job.*
from lease_job job
where queue = :queue and {part}
  and {range}
order by seq {direction}
limit :most;

-- The queue of the filter.
select cast(:queue as text) collate "C";

-- All queues, each by one step along the index.
(select queue from lease_job order by queue limit 1)
union all
select next.queue
from names
cross join lateral (select queue from lease_job where queue > names.queue order by queue limit 1) next
