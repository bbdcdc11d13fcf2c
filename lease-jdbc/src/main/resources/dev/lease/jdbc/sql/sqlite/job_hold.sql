-- Looks for a job that is held; no row if it is lost. It writes, since a transaction that had only read would let
-- others write, and would be refused to write later.
-- queue, id, token
update lease_job
set token = token
where queue = :queue and id = :id and token = :token and expires_at <> 0
returning seq
