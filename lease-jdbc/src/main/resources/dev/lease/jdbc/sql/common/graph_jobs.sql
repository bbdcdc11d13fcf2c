-- A page of the jobs of a part.
-- queue, graph, part, begin, limit
select m.member, {job_columns}, {asof} as as_of
from (
  select place as member, job_id
  from lease_member
  where queue = :queue and graph = :graph and part = :part and place >= :begin) m
join lease_job on queue = :queue and id = m.job_id and graph = :graph and part = :part
where {present}
order by m.member
limit :limit
