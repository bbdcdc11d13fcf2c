-- The graphs of a queue of which jobs have ended, in order, behind one. It reads one row of each.
-- queue, after (the name of a graph, or ''), most
with recursive news (graph, number) as (
  select (select min(graph) from lease_ended where queue = :queue and graph > :after), 1
  union all
  select (select min(graph) from lease_ended where queue = :queue and graph > news.graph), number + 1
  from news
  where news.graph is not null and number < :most
)
select graph from news where graph is not null
