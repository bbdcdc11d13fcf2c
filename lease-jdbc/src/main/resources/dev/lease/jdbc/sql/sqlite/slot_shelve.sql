-- The jobs of a key that have become due, and got no slot.
-- queue, key, most (jobs)
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and priority / 10 = 4 and job_key = :key and min(priority, 40) = 40 and due_at <= {asof}
  and finished_at is null
limit :most
