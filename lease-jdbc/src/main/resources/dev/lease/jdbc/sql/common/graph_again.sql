-- Whether a job of a graph runs again that no claim has counted yet.
-- queue, graph
select 1
from lease_ended
where queue = :queue and graph = :graph and job_id is not null and jobs > 0
limit 1
