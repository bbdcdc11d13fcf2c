-- The graphs and parts of some jobs.
-- keys: queue, id
select id, graph, part
from lease_job
where (queue, id) in ({keys})
