-- Removes a job that the same transaction has stored. Under REPEATABLE READ it also sees the job that had this id before,
-- which it must not touch: it is gone.
-- queue, id
delete from lease_job
where queue = :queue and id = :id and seq = (select max(seq) from lease_job where queue = :queue and id = :id)
