-- Looks for ids that are remembered in rows with others: in the rows that may have some of the ids of a queue that begin
-- alike.
-- queue, firstId, lastId, end (a text behind all ids that begin so)

-- First only where these rows begin and end: new ids lie between the two of hardly any.
select first_id, last_id
from lease_remembered
where queue = :queue and last_id >= :firstId and last_id < :end and first_id <= :lastId;

-- For those ids that lie there.
select first_id, last_id, ids
from lease_remembered
where queue = :queue and last_id >= :firstId and last_id < :end and first_id <= :lastId
