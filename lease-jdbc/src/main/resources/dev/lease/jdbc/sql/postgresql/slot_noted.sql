-- Forgets what was noted of keys, which are locked. Whoever has committed such a note has committed its jobs too, and the
-- next statement sees them.
-- arrays: queue, key
delete from lease_arrival a
using unnest(:queue, :key) as s(queue, job_key)
where a.queue = any(array[s.queue]) and a.job_key = any(array[s.job_key])
