-- Stores that a part waits for another one.
-- one row: queue, graph, part, place, parent, onFailure
insert into lease_edge (queue, graph, part, place, parent, on_failure)
values (:queue, :graph, :part, :place, :parent, :onFailure)
