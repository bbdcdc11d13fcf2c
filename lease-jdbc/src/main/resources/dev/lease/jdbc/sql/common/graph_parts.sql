-- Reads some parts.
-- keys: queue, graph, name
select graph, name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from lease_part
where (queue, graph, name) in ({keys});

-- The parts of some graphs that have something to do.
-- keys: queue, graph
select graph, name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from lease_part
where (queue, graph) in ({keys}) and todo
order by graph, place
limit 1000;

-- A page of the parts of a graph.
-- queue, graph, after (the name of a part, or null), limit
select graph, name, place, stage, todo, waits, spoiled, jobs, moved, done, failed, cancelled
from lease_part
where queue = :queue and graph = :graph
  and place > coalesce((select place from lease_part where queue = :queue and graph = :graph and name = :after), -1)
order by place
limit :limit
