-- Sets the expiry of leases that are held. Does not wait for rows that a transaction has locked.
-- keys: queue, id, token; found (seq of rows); asOf, duration (microseconds)

-- The leases that are held. It locks nothing. It runs again afterwards to tell the locked rows from the lost leases,
-- because a lost lease does not come back.
select seq, queue, id, token
from lease_job {use lease_job_id}
where (queue, id, token) in ({keys}) and expires_at > {asof};

-- By primary key: a transaction that enqueues the same id again locks its entry in the other index until it ends.
select seq, queue, id, token, cancel_requested, {asof} as as_of
from lease_job {use primary}
where seq in ({found}) and expires_at > {asof}
for update skip locked;

update lease_job {use primary}
set expires_at = :asOf + :duration
where seq in ({found});

-- Waits until a row is free.
select seq
from lease_job {use primary}
where seq in ({found})
for update
