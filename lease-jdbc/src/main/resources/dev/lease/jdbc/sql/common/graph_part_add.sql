-- Stores a part.
-- one row: queue, graph, name, place, todo (1 if it waits for none), waits
insert into lease_part (queue, graph, name, place, todo, waits)
values (:queue, :graph, :name, :place, :todo = 1, :waits)
