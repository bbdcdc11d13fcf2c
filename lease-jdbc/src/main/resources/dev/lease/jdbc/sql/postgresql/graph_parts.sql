-- Reads some parts.
-- arrays: queue, graph, name
select p.graph, p.name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from unnest(:queue, :graph, :name) as s(queue, graph, name)
join lease_part p on p.queue = s.queue and p.graph = s.graph and p.name = s.name;

-- The parts of some graphs that have something to do.
-- arrays: queue, graph
select p.graph, p.name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from unnest(:queue, :graph) as s(queue, graph)
cross join lateral (
  select * from lease_part where queue = s.queue and graph = s.graph and todo order by place limit 1000) p;

-- A page of the parts of a graph, with the ends that no claim has added up yet.
-- queue, graph, after (the name of a part, or null), limit
select p.graph, name, place, stage, todo, waits, spoiled, jobs, moved, done + coalesce(more_done, 0) as done,
  failed + coalesce(more_failed, 0) as failed, cancelled + coalesce(more_cancelled, 0) as cancelled
from lease_part p
left join (
  select part, {ends}
  from lease_ended
  where queue = :queue and graph = :graph
  group by part) e on e.part = p.name
where p.queue = :queue and p.graph = :graph
  and place > coalesce((select place from lease_part where queue = :queue and graph = :graph and name = :after), -1)
order by place
limit :limit
