-- The graphs and parts of some jobs.
-- arrays: queue, id
select j.id, graph, part
from unnest(:queue, :id) as s(queue, id)
join lease_job j on j.queue = s.queue and j.id = s.id
