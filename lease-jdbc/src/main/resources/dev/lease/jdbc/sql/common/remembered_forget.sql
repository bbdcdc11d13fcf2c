-- Forgets an id that is remembered in a row with others. Returns the largest token of the jobs of that row.
-- queue, id, end (a text behind all ids that begin like this one)
select token
from lease_remembered
where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and {has_id}
{lock};

-- The first id is always one of the row, and an id is in one row only: so no row for ids that come again has this key.
update lease_remembered
set first_id = substr(replace(ids, :id, ''), 1, 36), ids = replace(ids, :id, '')
where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and {has_id};

delete from lease_remembered
where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and ids = ''
