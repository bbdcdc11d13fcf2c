-- Locks the row of a job that is held, for the rest of the transaction; no row if it is lost.
-- queue, id, token
select seq
from lease_job
where queue = :queue and id = :id and token = :token and expires_at <> 0
{lock}
