-- A job that is done and not kept becomes a row that remembers its id: finished, without an outcome, and emptied.
-- Each statement can be run again, as in V1.

-- By the outcome first: a purge passes over the rows that have none.
alter table lease_job
  drop key if exists lease_job_finished,
  add key lease_job_finished (queue, outcome, finished_at);

-- Its times are UTC.
create or replace sql security invoker view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as expired,
  priority, attempts, max_attempts, owner, token,
  timestamp'1970-01-01 00:00:00' + interval nullif(expires_at, 0) microsecond as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  timestamp'1970-01-01 00:00:00' + interval created_at microsecond as created_at,
  timestamp'1970-01-01 00:00:00' + interval due_at microsecond as due_at,
  timestamp'1970-01-01 00:00:00' + interval finished_at microsecond as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
