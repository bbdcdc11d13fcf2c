-- Sets the end of leases that are held, without waiting for rows that a transaction has locked.
-- keys: queue, id, token; found (numbers of rows); asOf, duration (microseconds)

-- Those that are held. It locks nothing; once more afterwards it tells those that are locked from those that are
-- lost, since a lost lease does not come back.
select seq, queue, id, token
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at > {asof};

-- By number, for who enqueues such an id again holds its entry in the other index until its transaction ends.
select seq, queue, id, token, cancel_requested, {asof} as as_of
from lease_job force index (primary)
where seq in ({found}) and expires_at > {asof}
for update skip locked;

update lease_job force index (primary)
set expires_at = :asOf + :duration
where seq in ({found});

-- For who waits until a row is free.
select seq
from lease_job force index (primary)
where seq in ({found})
for update
