-- A version that is made up, for the tests of upgrades. Each statement can be run again.
alter table lease_job add column if not exists tenant varchar(200), algorithm = instant;

-- While others write.
alter table lease_job add key if not exists lease_job_type (live, queue, type, seq), algorithm = inplace, lock = none;

-- A rule that is changed. The server drops a constraint of a table at once, and adds one to a column at once, if it does
-- not look at the rows that are there. One of a table would copy all rows.
alter table lease_job drop constraint if exists lease_job_rules, algorithm = instant;
set statement check_constraint_checks = 0 for alter table lease_job
  modify tenant varchar(200) check (
    finished_at is not null or octet_length(tenant) <= 100 and octet_length(type) <= 100),
  algorithm = instant;
