-- The first events of some graphs. Whoever has locked these takes them.
-- keys: queue, graph
select seq, graph, part, job_id, coalesce(outcome, 0) as outcome, jobs
from lease_ended
where (queue, graph) in ({keys})
order by graph, seq
limit 1000;

-- found: their seqs
delete from lease_ended
where seq in ({found})
