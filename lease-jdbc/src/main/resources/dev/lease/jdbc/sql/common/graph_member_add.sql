-- Stores that a job is of a part.
-- one row: queue, graph, part, place, jobId
insert into lease_member (queue, graph, part, place, job_id)
values (:queue, :graph, :part, :place, :jobId)
