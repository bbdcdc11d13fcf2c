-- A job counts its crashes and its failures apart, may have a deadline, and may keep its dedup key for a time. Triggers
-- and the view are made anew. A writable schema lets the column be renamed although a view of the user's is broken.
drop trigger lease_job_inserted;
drop trigger lease_job_updated;
drop view lease_job_view;
pragma writable_schema = on;
alter table lease_job rename column max_attempts to max_crashes;
pragma writable_schema = off;
alter table lease_job add column failures integer not null default 0;
alter table lease_job add column max_failures integer;
alter table lease_job add column not_after integer;
alter table lease_job add column dedup_until integer;

drop index lease_job_dedup;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and (finished_at is null or dedup_until is not null);

create trigger lease_job_inserted before insert on lease_job
when not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and (new.dedup_key is null
    or octet_length(new.dedup_key) between 1 and 200
    and trim(new.dedup_key, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
  and (new.expires_at = 0 or new.owner is not null)
  and octet_length(new.payload) <= 1048576 and new.priority between 0 and 9
  and new.max_crashes >= 1 and (new.max_failures is null or new.max_failures >= 1)
  and new.failures >= 0 and new.attempts - new.failures between 0 and new.max_crashes
  and new.token >= 0 and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_inserted');
end;

create trigger lease_job_updated
before update of queue, id, type, priority, max_crashes, max_failures, keep on lease_job
when new.finished_at is null and not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and new.priority between 0 and 9
  and new.max_crashes >= 1 and (new.max_failures is null or new.max_failures >= 1)
  and new.failures >= 0 and new.attempts - new.failures between 0 and new.max_crashes
  and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_updated');
end;

create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= cast(round(unixepoch('subsec') * 1000) as integer) * 1000 as expired,
  priority, attempts, failures, max_crashes, max_failures, owner, token,
  strftime('%Y-%m-%d %H:%M:%f', nullif(expires_at, 0) / 1000000.0, 'unixepoch') as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  strftime('%Y-%m-%d %H:%M:%f', dedup_until / 1000000.0, 'unixepoch') as dedup_until,
  strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') as created_at,
  strftime('%Y-%m-%d %H:%M:%f', due_at / 1000000.0, 'unixepoch') as due_at,
  strftime('%Y-%m-%d %H:%M:%f', not_after / 1000000.0, 'unixepoch') as not_after,
  strftime('%Y-%m-%d %H:%M:%f', finished_at / 1000000.0, 'unixepoch') as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
