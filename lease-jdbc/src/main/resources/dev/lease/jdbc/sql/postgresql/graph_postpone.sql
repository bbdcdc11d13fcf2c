-- Keeps finished jobs for an hour longer that a purge would meet first, and whose graphs go on.
-- queue, limit
select due.queue, due.id
from (
  select queue, id, graph
  from lease_job
  where queue = :queue and kept_until <= {asof}
  order by kept_until
  limit :limit) due
join lease_graph going on going.queue = due.queue and going.id = due.graph and going.kept_until is null;

-- arrays: queue, id
update lease_job j
set kept_until = {now} + 3600000000
from unnest(:queue, :id) as s(queue, id)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id]) and j.kept_until <= {now}
