-- A job that is done and not kept becomes a row that remembers its id: finished, without an outcome, and emptied.
-- It stands in two indexes, by its id and by when it goes.
drop index if exists lease_job_finished;
create index lease_job_finished on lease_job (queue, finished_at, outcome) where outcome is not null;
-- Said so that it does not follow from "finished_at is null": else the planner might take it for a claim, which would
-- walk over all that is kept.
drop index if exists lease_job_seq;
create index lease_job_seq on lease_job (seq) where (finished_at is null) = (outcome is null);

create or replace view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= (extract(epoch from statement_timestamp()) * 1000000)::bigint as expired,
  priority, attempts, max_attempts, owner, token,
  to_timestamp(nullif(expires_at, 0) / 1000000.0) as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  to_timestamp(created_at / 1000000.0) as created_at,
  to_timestamp(due_at / 1000000.0) as due_at,
  to_timestamp(finished_at / 1000000.0) as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
