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

-- one row: queue, id
update lease_job
set kept_until = {now} + 3600000000
where queue = :queue and id = :id and kept_until <= {now}
