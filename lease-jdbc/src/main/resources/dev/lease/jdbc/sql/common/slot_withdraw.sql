-- The open jobs of a queue that have keys and that nobody holds.
-- queue
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and {key_place} = 0 and job_key is not null and expires_at = 0 and {key_open}
{skip_locked}
