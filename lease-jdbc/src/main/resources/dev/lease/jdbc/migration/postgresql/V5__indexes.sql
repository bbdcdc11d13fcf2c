-- Each statement is a transaction of its own and can be run again: the last one waits for all who read the table, and
-- gives up on that if it takes too long. Then the index is not made anew, and nobody waits for it.

-- For lists, in the place of the order of enqueueing alone: along that, a list of the held jobs of a queue walked over
-- all that had finished. It has each queue and outcome by itself, each in the order of enqueueing.
create index if not exists lease_job_list on lease_job (queue, outcome, seq) where (finished_at is null) = (outcome is null);

-- What batches lock before they store jobs with several dedup keys, each in the same order, so that they do not end in
-- a deadlock. A row stands for the keys whose hash it is, so there are always as many.
create table if not exists lease_key_lock (
  bucket int primary key
);
insert into lease_key_lock select generate_series(0, 999) on conflict do nothing;

-- Last: it locks the table for readers too.
drop index if exists lease_job_seq;
