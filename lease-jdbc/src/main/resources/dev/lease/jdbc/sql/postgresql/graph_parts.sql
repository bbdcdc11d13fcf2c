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

-- A page of the parts of a graph.
-- queue, graph, after (the name of a part, or null), limit
select graph, name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from lease_part
where queue = :queue and graph = :graph
  and place > coalesce((select place from lease_part where queue = :queue and graph = :graph and name = :after), -1)
order by place
limit :limit
