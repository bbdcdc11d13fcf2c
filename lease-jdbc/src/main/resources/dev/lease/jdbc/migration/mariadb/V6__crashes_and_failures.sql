-- A job counts its crashes and its failures apart, may have a deadline, and may keep its dedup key for a time. Each
-- statement can be run again, as in V1.
alter table lease_job
  modify attempts int not null default 0,
  add column if not exists failures int not null default 0 check (finished_at is not null or failures >= 0),
  add column if not exists max_failures int check (finished_at is not null or max_failures >= 1),
  add column if not exists not_after bigint,
  add column if not exists dedup_until bigint;
alter table lease_job
  change column if exists max_attempts max_crashes int not null check (finished_at is not null or max_crashes >= 1);
-- The column keyed stands for the partial index of the dedup keys, as live does for that of the jobs.
alter table lease_job
  modify attempts int not null default 0
    check (finished_at is not null or attempts - failures between 0 and max_crashes),
  add column if not exists keyed tinyint
    generated always as (case when finished_at is null or dedup_until is not null then 1 end) stored;
-- Downwards by what tells that a job may have its key: so the entry that a finished job leaves behind is followed by
-- another one of that job. While old snapshots keep it, who takes the key again locks what follows it, which was the
-- key of others. Before MariaDB 10.8 this index is the same as the one before.
alter table lease_job
  drop key if exists lease_job_dedup,
  add unique key lease_job_dedup (queue, dedup_key, keyed desc);

-- Its times are UTC.
create or replace sql security invoker view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as expired,
  priority, attempts, failures, max_crashes, max_failures, owner, token,
  timestamp'1970-01-01 00:00:00' + interval nullif(expires_at, 0) microsecond as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  timestamp'1970-01-01 00:00:00' + interval dedup_until microsecond as dedup_until,
  timestamp'1970-01-01 00:00:00' + interval created_at microsecond as created_at,
  timestamp'1970-01-01 00:00:00' + interval due_at microsecond as due_at,
  timestamp'1970-01-01 00:00:00' + interval not_after microsecond as not_after,
  timestamp'1970-01-01 00:00:00' + interval finished_at microsecond as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
