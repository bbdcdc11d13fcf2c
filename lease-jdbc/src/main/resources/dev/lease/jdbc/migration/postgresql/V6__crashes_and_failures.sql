-- A job counts its crashes and its failures apart, may have a deadline, and may keep its dedup key for a time.
alter table lease_job rename column max_attempts to max_crashes;
alter table lease_job
  add column failures int not null default 0,
  add column max_failures int,
  add column not_after bigint,
  add column dedup_until bigint;

drop index lease_job_dedup;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and (finished_at is null or dedup_until is not null);

create or replace function lease_job_rules() returns trigger language plpgsql as $$
begin
  if new.finished_at is not null then
    return new;
  end if;
  if greatest(octet_length(new.queue), octet_length(new.id), octet_length(new.type), octet_length(new.dedup_key),
      octet_length(new.owner)) <= 200
    and octet_length(new.payload) <= 1048576 and new.priority between 0 and 9
    and least(new.max_crashes, new.max_failures) >= 1 and new.failures >= 0
    and new.attempts - new.failures between 0 and new.max_crashes
    and least(new.token, new.keep) >= 0 and (new.expires_at = 0 or new.owner is not null)
  then
    if least(ascii(new.queue), ascii(new.id), ascii(new.type), ascii(new.dedup_key), ascii(new.owner)) > 32 then
      return new;
    end if;
    -- One begins with a blank, or is empty.
    if btrim(new.queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and btrim(new.id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and btrim(new.type, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and (btrim(new.dedup_key, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') = '') is not true
      and (btrim(new.owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') = '') is not true
    then
      return new;
    end if;
  end if;
  raise exception 'the job breaks a rule of lease_job_rules' using errcode = 'check_violation';
end
$$;
drop trigger lease_job_rules on lease_job;
create trigger lease_job_rules
  before insert or update of queue, id, type, priority, max_crashes, max_failures, keep on lease_job
  for each row execute function lease_job_rules();

drop view lease_job_view;
create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= (extract(epoch from statement_timestamp()) * 1000000)::bigint as expired,
  priority, attempts, failures, max_crashes, max_failures, owner, token,
  to_timestamp(nullif(expires_at, 0) / 1000000.0) as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  to_timestamp(dedup_until / 1000000.0) as dedup_until,
  to_timestamp(created_at / 1000000.0) as created_at,
  to_timestamp(due_at / 1000000.0) as due_at,
  to_timestamp(not_after / 1000000.0) as not_after,
  to_timestamp(finished_at / 1000000.0) as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
