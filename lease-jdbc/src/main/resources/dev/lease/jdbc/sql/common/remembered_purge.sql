-- Forgets the ids that have been remembered long enough.

-- queue, limit
select queue, last_id, first_id, token
from lease_remembered
where queue = :queue and kept_until <= {asof}
order by kept_until
limit :limit;

-- queue, lastId, firstId, token
delete from lease_remembered
where queue = :queue and last_id = :lastId and first_id = :firstId and token = :token
