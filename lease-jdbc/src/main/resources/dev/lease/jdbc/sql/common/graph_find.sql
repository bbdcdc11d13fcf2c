-- Reads a graph, and how its jobs have ended, those too that no claim has added up yet.
-- queue, id
select g.parts, g.jobs, g.open_until is null as complete, g.created_at, {asof} as as_of,
  coalesce(p.done, 0) + coalesce(more_done, 0) as done,
  coalesce(p.failed, 0) + coalesce(more_failed, 0) as failed,
  coalesce(p.cancelled, 0) + coalesce(more_cancelled, 0) as cancelled
from lease_graph g
cross join (
  select sum(done) as done, sum(failed) as failed, sum(cancelled) as cancelled
  from lease_part where queue = :queue and graph = :id) p
cross join (
  select {ends}
  from lease_ended where queue = :queue and graph = :id) e
where g.queue = :queue and g.id = :id
