-- Downwards by what tells that a job is not finished: so the entry that a finished job leaves behind is followed by
-- another one of that job. While old snapshots keep it, who takes the key again locks what follows it, which was
-- the key of others. Before MariaDB 10.8 this index is the same as the one before. The server makes it while others
-- write, and each statement can be run again, as in V1.
alter table lease_job
  drop key if exists lease_job_dedup,
  add unique key lease_job_dedup (queue, dedup_key, live desc);

-- What batches lock before they store jobs with several dedup keys, each in the same order, so that they do not end in
-- a deadlock. A row stands for the keys whose hash it is, so there are always as many.
create table if not exists lease_key_lock (
  bucket int not null,
  primary key (bucket)
) engine = innodb;
insert ignore into lease_key_lock
with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < 999) select n from numbers;
