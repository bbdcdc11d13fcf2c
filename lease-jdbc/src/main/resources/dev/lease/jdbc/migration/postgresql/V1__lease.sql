-- Times are epoch microseconds of the database's clock. A job is held while expires_at <> 0, finished
-- once finished_at is set; its state follows from that (see the view) and is stored nowhere else.

create table lease_job (
  seq              bigint generated always as identity,
  queue            text collate "C" not null,
  id               text collate "C" not null,
  type             text collate "C" not null,
  payload          text not null,
  headers          text not null,
  priority         smallint not null,
  due_at           bigint not null,
  dedup_key        text collate "C",
  keep             bigint,
  max_attempts     int not null,
  attempts         int not null default 0,
  owner            text,
  token            bigint not null default 0,
  expires_at       bigint not null default 0,
  cancel_requested boolean not null default false,
  progress_percent int,
  progress_message text,
  result           text,
  error            text,
  created_at       bigint not null,
  finished_at      bigint,
  outcome          smallint,
  kept_until       bigint,
  primary key (queue, id)
) with (fillfactor = 50);

-- No column that a claim or an extension writes stands in an index or in its predicate, so that they
-- are heap-only updates; the half-empty pages are their room.
create index lease_job_ready on lease_job (queue, priority, due_at, seq) where finished_at is null;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and finished_at is null;
create index lease_job_finished on lease_job (queue, finished_at, outcome)
  where finished_at is not null;
create index lease_job_kept on lease_job (queue, kept_until) where kept_until is not null;
create index lease_job_seq on lease_job (seq);

create table lease_checkpoint (
  seq    bigint generated always as identity,
  queue  text collate "C" not null,
  job_id text collate "C" not null,
  step   text collate "C" not null,
  value  text not null,
  primary key (queue, job_id, step)
);

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table lease_token_floor (
  token bigint not null
);
insert into lease_token_floor values (0);

create table lease_paused_queue (
  queue text collate "C" primary key
);

create table lease_lease (
  name       text collate "C" primary key,
  owner      text not null,
  token      bigint not null,
  expires_at bigint not null
) with (fillfactor = 50);

-- The largest token that a resource has seen of a job, or of a named lease, whose queue is empty. The day of its
-- last use is what changes in an index, once a day, so that the other uses are heap-only updates.
create table lease_fence (
  resource text collate "C" not null,
  queue    text collate "C" not null,
  name     text collate "C" not null,
  token    bigint not null,
  used_on  bigint not null,
  primary key (resource, queue, name)
) with (fillfactor = 50);

create index lease_fence_used on lease_fence (used_on);

create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= (extract(epoch from statement_timestamp()) * 1000000)::bigint as expired,
  priority, attempts, max_attempts, owner, token,
  to_timestamp(nullif(expires_at, 0) / 1000000.0) as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, dedup_key,
  to_timestamp(created_at / 1000000.0) as created_at,
  to_timestamp(due_at / 1000000.0) as due_at,
  to_timestamp(finished_at / 1000000.0) as finished_at
from lease_job;
