-- Rules for what others than the store write into its tables, which are the limits of the API. Each statement is a
-- transaction of its own and can be run again: so a table is never locked for as long as it takes to read it.

-- The store needs its row.
insert into lease_token_floor select 0 where not exists (select from lease_token_floor where token >= 0);
delete from lease_token_floor where token < 0;

-- The rules come before what reads whole tables, because each waits for all who use its table. The whole file runs
-- again if that takes too long, so it makes only the rules that are not there yet. The rest of a failed attempt is
-- free: claims copy it from lease_job, which has the rules.
do $$ begin
if not exists (
  select from pg_constraint where conrelid = 'lease_lease'::regclass and conname = 'lease_lease_rules') then
  alter table lease_lease add constraint lease_lease_rules check (
    octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and token >= 0) not valid;
end if;
end $$;
do $$ begin
if not exists (
  select from pg_constraint where conrelid = 'lease_fence'::regclass and conname = 'lease_fence_rules') then
  alter table lease_fence add constraint lease_fence_rules check (
    octet_length(resource) <= 200 and (ascii(resource) > 32 or btrim(resource, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and (queue = ''
      or octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''))
    and octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and token >= 0 and used_on >= 0) not valid;
end if;
end $$;
do $$ begin
if not exists (
  select from pg_constraint where conrelid = 'lease_checkpoint'::regclass and conname = 'lease_checkpoint_rules') then
  alter table lease_checkpoint add constraint lease_checkpoint_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or btrim(job_id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(step) <= 200 and (ascii(step) > 32 or btrim(step, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(value) <= 1048576) not valid;
end if;
end $$;
do $$ begin
if not exists (
  select from pg_constraint where conrelid = 'lease_attempt'::regclass and conname = 'lease_attempt_rules') then
  alter table lease_attempt add constraint lease_attempt_rules check (char_length(error) <= 2000) not valid;
end if;
end $$;
do $$ begin
if not exists (
  select from pg_constraint
  where conrelid = 'lease_paused_queue'::regclass and conname = 'lease_paused_queue_rules') then
  alter table lease_paused_queue add constraint lease_paused_queue_rules check (
    octet_length(queue) <= 200
    and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')) not valid;
end if;
end $$;
do $$ begin
if not exists (
  select from pg_constraint where conrelid = 'lease_token_floor'::regclass and conname = 'lease_token_floor_rules') then
  alter table lease_token_floor add constraint lease_token_floor_rules check (token >= 0);
end if;
end $$;

-- The rules of this table are a trigger. With constraints the server reads their text anew for each statement, also for
-- one that changes none of these columns: that cost 28 µs of 48 µs for the update of one row (measured on PostgreSQL 17).
-- A claim or a settlement does not run the trigger.
create or replace function lease_job_rules() returns trigger language plpgsql as $$
begin
  if new.finished_at is not null then
    return new;
  end if;
  if greatest(octet_length(new.queue), octet_length(new.id), octet_length(new.type), octet_length(new.dedup_key),
      octet_length(new.owner)) <= 200
    and octet_length(new.payload) <= 1048576 and new.priority between 0 and 9
    and new.attempts between 0 and new.max_attempts and new.max_attempts >= 1
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
do $$ begin
if not exists (select from pg_trigger where tgrelid = 'lease_job'::regclass and tgname = 'lease_job_rules') then
  create trigger lease_job_rules
    before insert or update of queue, id, type, priority, max_attempts, keep on lease_job
    for each row execute function lease_job_rules();
end if;
end $$;

-- A finished job may break the rules, so that one that breaks them can be finished.
update lease_job
set outcome = 4, expires_at = 0, cancel_requested = false,
    finished_at = (date_part('epoch', clock_timestamp()) * 1000000)::bigint,
    kept_until = (date_part('epoch', clock_timestamp()) * 1000000)::bigint + 604800000000,
    error = 'the job was not made by Lease and breaks its rules'
where finished_at is null and (
  octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(id) <= 200 and (ascii(id) > 32 or btrim(id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(type) <= 200 and (ascii(type) > 32 or btrim(type, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(dedup_key) <= 200
  and (ascii(dedup_key) > 32 or btrim(dedup_key, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and (expires_at = 0 or owner is not null)
  and octet_length(payload) <= 1048576 and priority between 0 and 9 and max_attempts >= 1
  and attempts between 0 and max_attempts and token >= 0 and keep >= 0) is false;

-- The other tables. What breaks their rules is of no use, since the store did not write it and no call can name it.
delete from lease_lease where (
  octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and token >= 0) is false;
alter table lease_lease validate constraint lease_lease_rules;
delete from lease_fence where (
  octet_length(resource) <= 200 and (ascii(resource) > 32 or btrim(resource, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and (queue = ''
    or octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''))
  and octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and token >= 0 and used_on >= 0) is false;
alter table lease_fence validate constraint lease_fence_rules;
delete from lease_checkpoint where (
  octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or btrim(job_id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(step) <= 200 and (ascii(step) > 32 or btrim(step, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
  and octet_length(value) <= 1048576) is false;
alter table lease_checkpoint validate constraint lease_checkpoint_rules;
delete from lease_attempt where char_length(error) > 2000;
alter table lease_attempt validate constraint lease_attempt_rules;
delete from lease_paused_queue where (
  octet_length(queue) <= 200
  and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')) is false;
alter table lease_paused_queue validate constraint lease_paused_queue_rules;

-- Nearly every row of this table changes several times. By default a fifth of it would have to be dead before it is
-- cleaned. A table that an administrator has partitioned has no such settings; its partitions do.
do $$
begin
  if (select relkind from pg_class where oid = 'lease_job'::regclass) = 'r' then
    alter table lease_job set (
      autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
      autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 1000,
      autovacuum_vacuum_cost_delay = 1);
  end if;
end
$$;

-- As many rows of these die as are made: with their job, or when newer attempts follow.
alter table lease_checkpoint set (autovacuum_vacuum_scale_factor = 0.02);
alter table lease_attempt set (autovacuum_vacuum_scale_factor = 0.02);

-- The guards in use change all the time, and may be few among millions of others.
alter table lease_fence set (autovacuum_vacuum_scale_factor = 0.01);

-- Each renewal changes a row, and lists read all of the table.
alter table lease_lease set (autovacuum_vacuum_scale_factor = 0.02);
