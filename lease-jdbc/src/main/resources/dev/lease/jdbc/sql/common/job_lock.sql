-- Locks the row of a held job, until the transaction ends. No row if the lease is lost.
-- queue, id, token
select seq
from lease_job
where queue = :queue and id = :id and token = :token and expires_at <> 0
{lock}
