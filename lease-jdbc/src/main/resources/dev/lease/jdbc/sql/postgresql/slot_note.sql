-- Notes keys that somebody has to look at later.
-- arrays: queue, key
insert into lease_arrival (queue, job_key)
select queue, job_key
from unnest(:queue, :key) as s(queue, job_key)
