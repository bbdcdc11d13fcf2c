-- Locks the row of a held job, until the transaction ends. No row if the lease is lost. It writes, because a
-- transaction that had only read would let others write, and could be refused to write later.
-- queue, id, token
update lease_job
set token = token
where queue = :queue and id = :id and token = :token and expires_at <> 0
returning seq
