-- Sets the end of leases that are held, without waiting for rows that a transaction has locked.
-- keys: queue, id, token; duration (microseconds)
select seq, queue, id, token, cancel_requested, {asof} as as_of
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at > {asof}
for update skip locked;

update lease_job force index (primary)
set expires_at = :asOf + :duration
where seq in ({found});

-- What is held still but was not among them is locked; a lost lease does not come back.
select seq, queue, id, token
from lease_job force index (lease_job_id)
where (queue, id, token) in ({keys}) and expires_at > {asof}
