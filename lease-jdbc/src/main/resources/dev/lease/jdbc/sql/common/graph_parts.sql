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
