-- The jobs of a key that have become due, and got no slot.
-- queue, key, most (jobs)
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and {key_place} = 4 and job_key = :key and {key_order} = 40 and due_at <= {asof}
  and {key_open}
order by due_at, seq
limit :most
{skip_locked}
