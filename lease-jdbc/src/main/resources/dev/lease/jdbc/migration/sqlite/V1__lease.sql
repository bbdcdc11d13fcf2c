-- Times are epoch microseconds of SQLite's clock, which counts milliseconds. A job is held while
-- expires_at <> 0, finished once finished_at is set; its state follows from that (see the view) and is
-- stored nowhere else.

create table lease_job (
  seq              integer primary key,
  queue            text not null,
  id               text not null,
  type             text not null,
  payload          text not null,
  headers          text not null,
  priority         integer not null,
  due_at           integer not null,
  dedup_key        text,
  keep             integer,
  max_attempts     integer not null,
  attempts         integer not null default 0,
  owner            text,
  token            integer not null default 0,
  expires_at       integer not null default 0,
  cancel_requested boolean not null default false,
  progress_percent integer,
  progress_message text,
  result           text,
  error            text,
  created_at       integer not null,
  finished_at      integer,
  outcome          integer,
  kept_until       integer,
  unique (queue, id)
);

create index lease_job_ready on lease_job (queue, priority, due_at, seq) where finished_at is null;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and finished_at is null;
create index lease_job_finished on lease_job (queue, finished_at, outcome)
  where finished_at is not null;
create index lease_job_kept on lease_job (queue, kept_until) where kept_until is not null;

create table lease_checkpoint (
  seq    integer primary key,
  queue  text not null,
  job_id text not null,
  step   text not null,
  value  text not null,
  unique (queue, job_id, step)
);

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table lease_token_floor (
  token integer not null
);
insert into lease_token_floor values (0);

create table lease_paused_queue (
  queue text primary key
) without rowid;

create table lease_lease (
  name       text primary key,
  owner      text not null,
  token      integer not null,
  expires_at integer not null
) without rowid;

-- The largest token that a resource has seen of a job, or of a named lease, whose queue is empty; and the day
-- of its last use.
create table lease_fence (
  resource text not null,
  queue    text not null,
  name     text not null,
  token    integer not null,
  used_on  integer not null,
  unique (resource, queue, name)
);

create index lease_fence_used on lease_fence (used_on);

create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= cast(round(unixepoch('subsec') * 1000) as integer) * 1000 as expired,
  priority, attempts, max_attempts, owner, token,
  strftime('%Y-%m-%d %H:%M:%f', nullif(expires_at, 0) / 1000000.0, 'unixepoch') as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') as created_at,
  strftime('%Y-%m-%d %H:%M:%f', due_at / 1000000.0, 'unixepoch') as due_at,
  strftime('%Y-%m-%d %H:%M:%f', finished_at / 1000000.0, 'unixepoch') as finished_at
from lease_job;
