-- The jobs of a part from a place on, with their keys, and whether they are there.
-- queue, graph, part, begin, limit
select m.place, m.job_id, j.job_key, j.id is not null as present
from lease_member m
left join lease_job j on j.queue = m.queue and j.id = m.job_id and j.graph = m.graph and j.part = m.part
where m.queue = :queue and m.graph = :graph and m.part = :part and m.place >= :begin
order by m.place
limit :limit
