-- By the outcome first, for lists: a queue has few jobs that failed, and many that are done.
drop index lease_job_finished;
create index lease_job_finished on lease_job (queue, outcome, finished_at) where outcome is not null;
