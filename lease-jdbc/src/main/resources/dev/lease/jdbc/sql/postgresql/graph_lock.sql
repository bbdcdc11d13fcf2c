-- Locks a graph, and reads it.
-- queue, id
select id, open_until is null as complete, open_until = 0 as in_removal, parts, jobs, unended
from lease_graph
where queue = :queue and id = :id
for update;

-- The same for some, without those that others have locked.
-- arrays: queue, id
select g.id, open_until is null as complete, open_until = 0 as in_removal, parts, jobs, unended
from unnest(:queue, :id) as s(queue, id)
join lease_graph g on g.queue = s.queue and g.id = s.id
for update of g skip locked
