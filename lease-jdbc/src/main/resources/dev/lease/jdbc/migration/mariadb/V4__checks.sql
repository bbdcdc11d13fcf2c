-- Rules for what others than the store write into its tables, which are the limits of the API. Each statement can be
-- run again, as in V1.

-- A finished job may break the rules, so that one that breaks them can be finished. Read first without locks: an update
-- that looks for such jobs would keep all locked that it has looked at.
set statement group_concat_max_len = 16777216 for
select group_concat(seq) into @broken
from lease_job force index (lease_job_ready)
where live = 1 and (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or queue rlike '[^[:space:]]')
    and octet_length(id) <= 200 and (ascii(id) > 32 or id rlike '[^[:space:]]')
    and octet_length(type) <= 200 and (ascii(type) > 32 or type rlike '[^[:space:]]')
    and octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or dedup_key rlike '[^[:space:]]')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or owner rlike '[^[:space:]]')
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
    finished_at is not null or octet_length(queue) <= 200 and (ascii(queue) > 32 or queue rlike '[^[:space:]]')),
  modify id varchar(200) not null check (
    finished_at is not null or octet_length(id) <= 200 and (ascii(id) > 32 or id rlike '[^[:space:]]')),
  modify type varchar(200) not null check (
    finished_at is not null or octet_length(type) <= 200 and (ascii(type) > 32 or type rlike '[^[:space:]]')),
  modify dedup_key varchar(200) check (
    finished_at is not null or octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or dedup_key rlike '[^[:space:]]')),
  modify owner varchar(200) check (
    finished_at is not null or octet_length(owner) <= 200 and (ascii(owner) > 32 or owner rlike '[^[:space:]]')),
  modify payload mediumtext not null check (finished_at is not null or octet_length(payload) <= 1048576),
  modify priority tinyint not null check (finished_at is not null or priority between 0 and 9),
  modify max_attempts int not null check (finished_at is not null or max_attempts >= 1),
  modify attempts int not null default 0 check (finished_at is not null or attempts between 0 and max_attempts),
  modify token bigint not null default 0 check (finished_at is not null or token >= 0),
  modify keep bigint check (finished_at is not null or keep >= 0);
