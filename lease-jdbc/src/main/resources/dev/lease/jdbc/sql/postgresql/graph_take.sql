-- The first events of some graphs. Whoever has locked these takes them.
-- arrays: queue, graph
select seq, e.graph, part, job_id, coalesce(outcome, 0) as outcome, jobs
from unnest(:queue, :graph) as s(queue, graph)
cross join lateral (
  select * from lease_ended where queue = s.queue and graph = s.graph order by seq limit 1000) e
order by e.graph, seq
limit 1000;

-- arrays: queue, graph, seq
delete from lease_ended e
using unnest(:queue, :graph, :seq) as s(queue, graph, seq)
where e.queue = s.queue and e.graph = s.graph and e.seq = s.seq
