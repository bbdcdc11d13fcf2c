-- Rules for what others than the store write into its table, which are the limits of the API. They are triggers,
-- because SQLite cannot add a constraint to a table: it would have to copy all jobs, while nobody else can write. An
-- update of the columns that claims and settlements write runs none of them.
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
  and octet_length(new.payload) <= 1048576 and new.priority between 0 and 9 and new.max_attempts >= 1
  and new.attempts between 0 and new.max_attempts and new.token >= 0 and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_inserted');
end;

create trigger lease_job_updated before update of queue, id, type, priority, max_attempts, keep on lease_job
when new.finished_at is null and not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and new.priority between 0 and 9 and new.max_attempts >= 1 and new.attempts between 0 and new.max_attempts
  and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_updated');
end;

create trigger lease_checkpoint_inserted before insert on lease_checkpoint
when not (
  octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.job_id) between 1 and 200 and trim(new.job_id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.step) between 1 and 200 and trim(new.step, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.value) <= 1048576)
begin
  select raise(abort, 'the checkpoint breaks a rule of lease_checkpoint_inserted');
end;

-- The rest of a failed attempt is free: claims copy it from lease_job, which has the rules.
create trigger lease_attempt_inserted before insert on lease_attempt
when length(new.error) > 2000
begin
  select raise(abort, 'the failed attempt breaks a rule of lease_attempt_inserted');
end;

-- The other tables are small: each is made anew with its rules, and with a primary key if it had none. What breaks the
-- rules is left behind, since the store did not write it and no call can name it. Processes of the version before go
-- on: the columns are the same, and lease_fence still has a rowid. No table is renamed, which fails if the file has a
-- view that is broken, or is so for as long as the table is missing.
create table lease_token_floor_copy as select * from lease_token_floor;
drop table lease_token_floor;
create table lease_token_floor (
  token integer primary key check (token >= 0)
);
insert into lease_token_floor
select coalesce(max(token), 0) from lease_token_floor_copy where typeof(token) = 'integer' and token >= 0;
drop table lease_token_floor_copy;

create table lease_paused_queue_copy as select * from lease_paused_queue;
drop table lease_paused_queue;
create table lease_paused_queue (
  queue text not null check (
    octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  primary key (queue)
) without rowid;
insert or ignore into lease_paused_queue select * from lease_paused_queue_copy;
drop table lease_paused_queue_copy;

create table lease_lease_copy as select * from lease_lease;
drop table lease_lease;
create table lease_lease (
  name text not null check (
    octet_length(name) between 1 and 200 and trim(name, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  owner text not null check (
    octet_length(owner) between 1 and 200 and trim(owner, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  token integer not null check (token >= 0),
  expires_at integer not null,
  primary key (name)
) without rowid;
insert or ignore into lease_lease select * from lease_lease_copy;
drop table lease_lease_copy;

create table lease_fence_copy as select * from lease_fence;
drop table lease_fence;
create table lease_fence (
  resource text not null check (
    octet_length(resource) between 1 and 200 and trim(resource, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  queue text not null check (
    queue = '' or octet_length(queue) between 1 and 200
    and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  name text not null check (
    octet_length(name) between 1 and 200 and trim(name, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''),
  token integer not null check (token >= 0),
  used_on integer not null check (used_on >= 0),
  primary key (resource, queue, name)
);
insert or ignore into lease_fence select * from lease_fence_copy;
drop table lease_fence_copy;
create index lease_fence_used on lease_fence (used_on);
