-- Closes a key, which is locked, for a time.
-- queue, key, delay (microseconds)
insert into lease_limit (queue, job_key, closed_until)
values (:queue, :key, {now} + :delay)
on conflict (queue, job_key) do update
set closed_until = excluded.closed_until;

-- The jobs that have a slot of the key, and that nobody holds.
-- queue, key
select seq, priority, due_at
from lease_job {use lease_job_key}
where queue = :queue and {key_place} in (0, 3) and job_key = :key and expires_at = 0 and {key_open}
{skip_locked}
