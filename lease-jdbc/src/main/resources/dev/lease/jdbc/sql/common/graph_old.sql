-- Graphs of a queue that nobody has completed in time ...
-- queue, limit
select id
from lease_graph
where queue = :queue and open_until <= {now}
order by open_until
limit :limit
{lock};

-- ... and those that have ended long ago.
-- queue, limit
select id
from lease_graph
where queue = :queue and kept_until <= {now}
order by kept_until
limit :limit
{lock};

-- Some jobs of a graph.
-- queue, graph, limit
select m.part, m.place, m.job_id
from lease_member m
where m.queue = :queue and m.graph = :graph
order by m.part, m.place
limit :limit;

-- It takes no piece until all of it is gone.
-- queue, graph
update lease_graph
set open_until = 0
where queue = :queue and id = :graph;

-- one row: queue, graph, part, place
delete from lease_member
where queue = :queue and graph = :graph and part = :part and place = :place;

-- one row: queue, id, graph
delete from lease_job
where queue = :queue and id = :id and graph = :graph;

-- queue, graph
delete from lease_edge
where queue = :queue and graph = :graph;

delete from lease_part
where queue = :queue and graph = :graph;

delete from lease_ended
where queue = :queue and graph = :graph;

delete from lease_graph
where queue = :queue and id = :graph
