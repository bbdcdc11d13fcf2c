-- Rules for what others than the store write into its tables, which are the limits of the API. Each statement can be
-- run again, as in V1.

-- A finished job may break the rules, so that one that breaks them can be finished. Read first without locks: an update
-- that looks for such jobs would keep all locked that it has looked at.
set statement group_concat_max_len = 16777216 for
select group_concat(seq) into @broken
from lease_job force index (lease_job_ready)
where live = 1 and (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(id) <= 200 and (ascii(id) > 32 or hex(id) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(type) <= 200 and (ascii(type) > 32 or hex(type) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or hex(dedup_key) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and (expires_at = 0 or owner is not null)
    and octet_length(payload) <= 1048576 and priority between 0 and 9 and max_attempts >= 1
    and attempts between 0 and max_attempts and token >= 0 and keep >= 0) is false;
execute immediate concat('
  update lease_job force index (primary)
  set outcome = 4, expires_at = 0, cancel_requested = false,
      finished_at = timestampdiff(microsecond, ''1970-01-01'', utc_timestamp(6)),
      kept_until = timestampdiff(microsecond, ''1970-01-01'', utc_timestamp(6)) + 604800000000,
      error = ''the job was not made by Lease and breaks its rules''
  where live = 1 and seq in (', coalesce(@broken, '0'), ')');

-- Constraints of columns, which the server adds at once, while for one of the table it would copy all rows. The rows
-- that are there have just been looked at.
set statement check_constraint_checks = 0 for alter table lease_job
  modify queue varchar(200) not null check (
    finished_at is not null or octet_length(queue) <= 200
    and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify id varchar(200) not null check (
    finished_at is not null or octet_length(id) <= 200
    and (ascii(id) > 32 or hex(id) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify type varchar(200) not null check (
    finished_at is not null or octet_length(type) <= 200
    and (ascii(type) > 32 or hex(type) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify dedup_key varchar(200) check (
    finished_at is not null
    or octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or hex(dedup_key) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify owner varchar(200) check (
    finished_at is not null or (expires_at = 0 or owner is not null)
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify payload mediumtext not null check (finished_at is not null or octet_length(payload) <= 1048576),
  modify priority tinyint not null check (finished_at is not null or priority between 0 and 9),
  modify max_attempts int not null check (finished_at is not null or max_attempts >= 1),
  modify attempts int not null default 0 check (finished_at is not null or attempts between 0 and max_attempts),
  modify token bigint not null default 0 check (finished_at is not null or token >= 0),
  modify keep bigint check (finished_at is not null or keep >= 0);

-- The other tables. What breaks their rules is of no use, since the store did not write it and no call can name it. It
-- goes from the first two, whose lists it would break, and stays in the others.
delete from lease_lease where (
  octet_length(name) <= 200 and (ascii(name) > 32 or hex(name) not rlike '^(0[9A-D]|1[C-F]|20)*$')
  and octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')) is false;
delete from lease_paused_queue where (
  octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')) is false;
set statement check_constraint_checks = 0 for alter table lease_lease
  modify name varchar(200) not null check (
    octet_length(name) <= 200 and (ascii(name) > 32 or hex(name) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify owner varchar(200) not null check (
    octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify token bigint not null check (token >= 0);
set statement check_constraint_checks = 0 for alter table lease_paused_queue
  modify queue varchar(200) not null check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$'));
set statement check_constraint_checks = 0 for alter table lease_fence
  modify resource varchar(200) not null check (
    octet_length(resource) <= 200 and (ascii(resource) > 32 or hex(resource) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify queue varchar(200) not null check (
    queue = '' or octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify name varchar(200) not null check (
    octet_length(name) <= 200 and (ascii(name) > 32 or hex(name) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify token bigint not null check (token >= 0),
  modify used_on bigint not null check (used_on >= 0);
set statement check_constraint_checks = 0 for alter table lease_checkpoint
  modify queue varchar(200) not null check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify job_id varchar(200) not null check (
    octet_length(job_id) <= 200 and (ascii(job_id) > 32 or hex(job_id) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify step varchar(200) not null check (
    octet_length(step) <= 200 and (ascii(step) > 32 or hex(step) not rlike '^(0[9A-D]|1[C-F]|20)*$')),
  modify value mediumtext not null check (octet_length(value) <= 1048576);
-- The rest of a failed attempt is free: claims copy it from lease_job, which has the rules.
set statement check_constraint_checks = 0 for alter table lease_attempt
  modify error text not null check (char_length(error) <= 2000);
-- The store needs its row.
insert into lease_token_floor
select 0 from dual where not exists (select 1 from lease_token_floor where token >= 0);
delete from lease_token_floor where token < 0;
set statement check_constraint_checks = 0 for alter table lease_token_floor
  modify token bigint not null check (token >= 0);
