-- Which parts wait for some.
-- keys: queue, graph, parent
select graph, part, parent, on_failure
from lease_edge
where (queue, graph, parent) in ({keys});

-- Which parts some wait for, in their order.
-- keys: queue, graph, part
select graph, part, parent, on_failure
from lease_edge
where (queue, graph, part) in ({keys})
order by graph, part, place;

-- The first part for whose failure another one is cancelled.
-- queue, graph, part
select e.parent
from lease_edge e
join lease_part p on p.queue = e.queue and p.graph = e.graph and p.name = e.parent
where e.queue = :queue and e.graph = :graph and e.part = :part and e.on_failure = 0 and p.failed + p.cancelled > 0
order by e.place
limit 1
