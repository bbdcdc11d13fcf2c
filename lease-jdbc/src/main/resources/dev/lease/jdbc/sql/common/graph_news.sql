-- The graphs of a queue of which jobs have ended: those of the first events.
-- queue, most (events)
select distinct graph
from (select graph from lease_ended where queue = :queue order by seq limit :most) news
