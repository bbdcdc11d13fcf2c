-- Times are epoch microseconds of the database's clock. A job is held while expires_at <> 0, finished
-- once finished_at is set; its state follows from that (see the view) and is stored nowhere else.
-- A statement of this kind ends the transaction it stands in, so a migration may be cut between two of them:
-- each can be run again.

-- Names are compared byte for byte: binary, and without padding, for which a trailing blank is no difference.
create table if not exists lease_job (
  seq              bigint not null auto_increment,
  queue            varchar(200) not null,
  id               varchar(200) not null,
  type             varchar(200) not null,
  payload          mediumtext not null,
  headers          mediumtext not null,
  priority         tinyint not null,
  due_at           bigint not null,
  dedup_key        varchar(200),
  keep             bigint,
  max_attempts     int not null,
  attempts         int not null default 0,
  owner            varchar(200),
  token            bigint not null default 0,
  expires_at       bigint not null default 0,
  cancel_requested boolean not null default false,
  progress_percent int,
  progress_message text,
  result           mediumtext,
  error            text,
  created_at       bigint not null,
  finished_at      bigint,
  outcome          tinyint,
  kept_until       bigint,
  -- Stands for the partial indexes that there are none of: 1 until the job is finished, then null, which no
  -- unique key minds.
  live             tinyint generated always as (case when finished_at is null then 1 end) stored,
  primary key (seq),
  unique key lease_job_id (queue, id),
  -- No column that a claim or an extension writes stands in an index.
  key lease_job_ready (live, queue, priority, due_at, seq),
  unique key lease_job_dedup (queue, dedup_key, live),
  key lease_job_finished (queue, finished_at, outcome),
  key lease_job_kept (queue, kept_until)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- In a transaction of the caller's under REPEATABLE READ, who reads a row by another key than the primary one locks
-- the gap before it as well, in which others keep theirs.
create table if not exists lease_checkpoint (
  seq    bigint not null auto_increment,
  queue  varchar(200) not null,
  job_id varchar(200) not null,
  step   varchar(200) not null,
  value  mediumtext not null,
  primary key (queue, job_id, step),
  unique key lease_checkpoint_seq (seq)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table if not exists lease_token_floor (
  token bigint not null
) engine = innodb;
insert into lease_token_floor
select 0 from dual where not exists (select 1 from lease_token_floor);

create table if not exists lease_paused_queue (
  queue varchar(200) not null,
  primary key (queue)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

create table if not exists lease_lease (
  name       varchar(200) not null,
  owner      varchar(200) not null,
  token      bigint not null,
  expires_at bigint not null,
  primary key (name)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The largest token that a resource has seen of a job, or of a named lease, whose queue is empty; and the day
-- of its last use. The key is the primary one for the reason given for lease_checkpoint.
create table if not exists lease_fence (
  seq      bigint not null auto_increment,
  resource varchar(200) not null,
  queue    varchar(200) not null,
  name     varchar(200) not null,
  token    bigint not null,
  used_on  bigint not null,
  primary key (resource, queue, name),
  unique key lease_fence_seq (seq),
  key lease_fence_used (used_on)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Its times are UTC.
create or replace sql security invoker view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as expired,
  priority, attempts, max_attempts, owner, token,
  timestamp'1970-01-01 00:00:00' + interval nullif(expires_at, 0) microsecond as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  timestamp'1970-01-01 00:00:00' + interval created_at microsecond as created_at,
  timestamp'1970-01-01 00:00:00' + interval due_at microsecond as due_at,
  timestamp'1970-01-01 00:00:00' + interval finished_at microsecond as finished_at
from lease_job;
