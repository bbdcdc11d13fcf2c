-- The last jobs of a key that have slots and that nobody holds.
-- queue, key, most (jobs)
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and {key_place} in (0, 3) and job_key = :key and expires_at = 0 and {key_open}
order by {true_priority}, due_at desc, seq desc
limit :most
{skip_locked};

-- When the first job of a priority became due that has no slot.
-- queue, key, place (the priority as it is stored)
select due_at
from lease_job {use lease_job_key}
where queue = :queue and {key_place} = 1 and job_key = :key and {key_order} = :place and {key_open}
order by due_at, seq
limit 1
