-- Makes a graph, unless it exists.
-- queue, id, openFor (microseconds)
insert ignore into lease_graph (queue, id, open_until, created_at)
values (:queue, :id, {now} + :openFor, {now})
