-- Locks a graph, and reads it.
-- queue, id
select id, open_until is null as complete, open_until = 0 as in_removal, parts, jobs, unended
from lease_graph
where queue = :queue and id = :id
{lock};

-- The same for some, without those that others have locked.
-- keys: queue, id
select id, open_until is null as complete, open_until = 0 as in_removal, parts, jobs, unended
from lease_graph
where (queue, id) in ({keys})
{skip_locked}
