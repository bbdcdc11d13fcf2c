-- Each statement is a transaction of its own and can be run again.

-- When a step was kept, for operators.
alter table lease_checkpoint add column if not exists kept_at bigint;

-- For lists of the last jobs that failed or were cancelled: along lease_job_finished they would pass over all that were
-- done meanwhile. Jobs that are done are not in it, and cost nothing more.
create index if not exists lease_job_failed on lease_job (queue, outcome, finished_at, seq) where outcome > 3;
