-- Forgets what was noted of a key, which is locked. Whoever has committed such a note has committed its jobs too, and the
-- next statement sees them. Notes of transactions that are open stay.
-- queue, key, most (notes); seq
select seq
from lease_arrival
where queue = :queue and job_key = :key
limit :most
{skip_locked};

delete from lease_arrival
where seq = :seq
