-- Graphs of a queue that nobody has completed in time ...
-- queue, limit
select id
from lease_graph
where queue = :queue and open_until <= {now}
order by open_until
limit :limit
{skip_locked};

-- ... and those that have ended long ago.
-- queue, limit
select id
from lease_graph
where queue = :queue and kept_until <= {now}
order by kept_until
limit :limit
{skip_locked};

-- Some jobs of a graph, and whether they are there.
-- queue, graph, limit
select m.part, m.place, m.job_id, j.id is not null as present
from lease_member m
left join lease_job j on j.queue = m.queue and j.id = m.job_id and j.graph = m.graph
where m.queue = :queue and m.graph = :graph
order by m.part, m.place
limit :limit;

-- It takes no piece until all of it is gone.
-- queue, graph
update lease_graph
set open_until = 0
where queue = :queue and id = :graph;

-- As long as a job of it is there, a graph that has ended is known.
-- queue, graph
update lease_graph
set kept_until = {now} + 3600000000
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
