-- The newest of the oldest records of a queue: null if it has none. A statement of its own, because MariaDB would look
-- for them again for each record.
-- queue, limit
select max(seq)
from (
  select seq
  from lease_action
  where queue = :queue
  order by seq
  limit :limit) oldest;

-- Removes them, if they are old enough.
-- queue, newest, age (microseconds)
delete from lease_action
where queue = :queue and seq <= :newest and acted_at <= {asof} - :age
