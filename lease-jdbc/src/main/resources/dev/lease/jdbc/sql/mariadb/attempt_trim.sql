-- Removes all failed attempts of some jobs but the last ones.
-- keys: queue, id; last (how many stay); then queue, id, token

-- Looks without locks: a locking look would wait for what others have just added.
select queue, job_id, token
from (
  select queue, job_id, token, row_number() over (partition by queue, job_id order by token desc) as place
  from lease_attempt {use primary}
  where (queue, job_id) in ({keys})) numbered
where place > {last};

-- This form of delete, for several tables, is the only one that takes an index hint. Without the hint the server
-- would read all of a small table.
delete lease_attempt
from lease_attempt {use primary}
where queue = :queue and job_id = :id and token = :token
