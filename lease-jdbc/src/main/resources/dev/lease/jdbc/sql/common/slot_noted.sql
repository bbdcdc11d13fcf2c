-- Forgets what was noted of a key, which is locked. Whoever has committed such a note has committed its jobs too, and the
-- next statement sees them.
-- queue, key
delete from lease_arrival
where queue = :queue and job_key = :key
