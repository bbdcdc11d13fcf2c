-- A job that is done and not kept becomes a row that remembers its id: finished, without an outcome, and emptied.
-- It stands in two indexes, by its id and by when it goes.
drop index lease_job_finished;
create index lease_job_finished on lease_job (queue, finished_at, outcome) where outcome is not null;

drop view lease_job_view;
create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= cast(round(unixepoch('subsec') * 1000) as integer) * 1000 as expired,
  priority, attempts, max_attempts, owner, token,
  strftime('%Y-%m-%d %H:%M:%f', nullif(expires_at, 0) / 1000000.0, 'unixepoch') as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') as created_at,
  strftime('%Y-%m-%d %H:%M:%f', due_at / 1000000.0, 'unixepoch') as due_at,
  strftime('%Y-%m-%d %H:%M:%f', finished_at / 1000000.0, 'unixepoch') as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
