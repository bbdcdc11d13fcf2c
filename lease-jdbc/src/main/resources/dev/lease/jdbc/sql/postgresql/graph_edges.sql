-- Which parts wait for some.
-- arrays: queue, graph, parent
select e.graph, part, e.parent, on_failure
from unnest(:queue, :graph, :parent) as s(queue, graph, parent)
join lease_edge e on e.queue = s.queue and e.graph = s.graph and e.parent = s.parent;

-- Which parts some wait for, in their order.
-- arrays: queue, graph, part
select e.graph, e.part, parent, on_failure
from unnest(:queue, :graph, :part) as s(queue, graph, part)
join lease_edge e on e.queue = s.queue and e.graph = s.graph and e.part = s.part
order by e.graph, e.part, place;

-- The first part for whose failure another one is cancelled.
-- queue, graph, part
select e.parent
from lease_edge e
join lease_part p on p.queue = e.queue and p.graph = e.graph and p.name = e.parent
where e.queue = :queue and e.graph = :graph and e.part = :part and e.on_failure = 0 and p.failed + p.cancelled > 0
order by e.place
limit 1
