-- Removes a job that the same transaction has stored. Under REPEATABLE READ it also sees the job that had this id before,
-- which it must not touch: it is gone.
-- queue, id
delete from lease_job
where queue = :queue and id = :id and seq = (select max(seq) from lease_job where queue = :queue and id = :id);

-- Sent together with the insert of a job that is alone: removes it if its id is remembered with others. As a statement of
-- its own it sees what a settlement has committed for which the insert had to wait, but not above READ COMMITTED: there it
-- always removes the job, and not one that was there before: an insert draws a number even if it stores nothing. The
-- last condition does not concern the row, which the server looks for only if it holds.
-- queue, id, end (a text behind all ids that begin like this one)
delete from lease_job
where queue = :queue and id = :id
  and seq >= case when current_setting('transaction_isolation') = 'read committed' then 0 else lastval() end
  and (current_setting('transaction_isolation') <> 'read committed' or exists (
    select 1
    from lease_remembered
    where queue = :queue and last_id >= :id and last_id < :end and first_id <= :id and {has_id}))
