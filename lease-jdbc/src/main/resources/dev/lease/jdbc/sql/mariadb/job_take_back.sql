-- Removes a job that the same transaction has stored.
-- queue, id
delete from lease_job
where queue = :queue and id = :id;

-- Sent together with the insert of a job that is alone, and with that delete: whether its id is remembered with others.
-- As a statement of its own it sees what a settlement has committed for which the insert had to wait.
-- queue, id, end (a text behind all ids that begin like this one)
select 1
from lease_remembered
where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and {has_id}
limit 1;

-- Sent if a time limit has ended those statements, which it may do between their commit and their end. Finds the job if
-- they have stored it and are committed.
-- queue, id
select seq
from lease_job
where queue = :queue and id = :id and seq = last_insert_id() and @@in_transaction = 0
