-- The graphs and parts of some jobs.
-- keys: queue, id
select id, graph, part
from lease_job
where (queue, id) in ({keys});

-- All jobs that were stored of a graph that is not complete, if one of them has ended: it may be deleted.
-- queue, graph
select part, job_id
from lease_member
where queue = :queue and graph = :graph
  and (exists (select 1 from lease_ended e where e.queue = :queue and e.graph = :graph and e.outcome is not null)
    or exists (select 1 from lease_part p where p.queue = :queue and p.graph = :graph and p.cancelled > 0))
