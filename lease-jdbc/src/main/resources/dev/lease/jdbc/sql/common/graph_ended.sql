-- Notes that jobs of a part have ended, or that one runs again.
-- one row: queue, graph, part, jobId (or null), outcome (or null), jobs
insert into lease_ended (queue, graph, part, job_id, outcome, jobs)
values (:queue, :graph, :part, :jobId, :outcome, :jobs)
