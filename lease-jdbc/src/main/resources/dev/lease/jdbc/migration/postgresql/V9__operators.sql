-- Each statement is a transaction of its own and can be run again.

-- When a step was kept, for operators.
alter table lease_checkpoint add column if not exists kept_at bigint;

-- By the outcome first, for lists of the last jobs that finished in one state: the index before made them pass over all
-- that finished otherwise meanwhile. Without seq, so that the jobs of a batch share an entry: with it the index was ten
-- times as large, and a drain wrote 2.7 % more WAL (200,000 jobs in batches of 100, PostgreSQL 17).
drop index if exists lease_job_finished;
create index if not exists lease_job_finished on lease_job (queue, outcome, finished_at) where outcome is not null;

-- PostgreSQL 12 sorts all jobs of a list if the index lacks a part of the order. Jobs that are done are not in this one,
-- and cost nothing more.
create index if not exists lease_job_failed on lease_job (queue, outcome, finished_at, seq) where outcome > 3;
