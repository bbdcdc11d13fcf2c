-- Looks for ids that are remembered in rows with others.

-- The rows that may have some of the ids of a queue that begin alike.
-- queue, firstId, lastId, end (a text behind all ids that begin so)
select first_id, last_id
from lease_remembered
where queue = :queue and last_id >= :firstId and last_id < :end and first_id <= :lastId;

-- Whether one of them has an id.
-- queue, id, end
select 1
from lease_remembered
where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and {has_id}
limit 1
