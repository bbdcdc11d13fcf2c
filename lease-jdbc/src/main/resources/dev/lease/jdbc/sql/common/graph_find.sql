-- Reads a graph, and how its jobs have ended; then what has not been added to its parts yet.
-- queue, id
select g.parts, g.jobs, g.open_until is null as complete, g.created_at, {asof} as as_of,
  coalesce(sum(p.done), 0) as done, coalesce(sum(p.failed), 0) as failed, coalesce(sum(p.cancelled), 0) as cancelled
from lease_graph g
left join lease_part p on p.queue = g.queue and p.graph = g.id
where g.queue = :queue and g.id = :id
group by g.parts, g.jobs, g.open_until, g.created_at;

select part, outcome, sum(jobs) as ends
from lease_ended
where queue = :queue and graph = :id and outcome is not null
group by part, outcome
