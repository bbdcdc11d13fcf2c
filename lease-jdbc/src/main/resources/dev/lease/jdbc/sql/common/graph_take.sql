-- The first events of a queue. Whoever has locked their graphs takes them.
-- queue, most
select seq, graph, part, job_id, coalesce(outcome, 0) as outcome, jobs
from lease_ended
where queue = :queue
order by seq
limit :most;

delete from lease_ended
where queue = :queue and seq in ({found})
