create alias if not exists lease_now for 'com.example.h2.H2Dialect.now';

create table if not exists lease_job (
  seq              bigint generated always as identity primary key,
  queue            varchar(200) not null,
  id               varchar(200) not null,
  type             varchar(200) not null,
  payload          varchar not null,
  headers          varchar not null,
  priority         tinyint not null,
  due_at           bigint not null,
  dedup_key        varchar(200),
  keep             bigint,
  max_crashes      int not null,
  max_failures     int,
  attempts         int not null default 0,
  failures         int not null default 0,
  not_after        bigint,
  dedup_until      bigint,
  owner            varchar(200),
  token            bigint not null default 0,
  expires_at       bigint not null default 0,
  cancel_requested boolean not null default false,
  progress_percent int,
  progress_message varchar,
  result           varchar,
  error            varchar,
  created_at       bigint not null,
  finished_at      bigint,
  outcome          tinyint,
  kept_until       bigint,
  live             tinyint generated always as (case when finished_at is null then 1 end),
  keyed            tinyint generated always as (
    case when finished_at is null or dedup_until is not null then 1 end),
  constraint lease_job_id unique (queue, id),
  constraint lease_job_dedup unique (queue, dedup_key, keyed)
);
create index if not exists lease_job_ready on lease_job (live, queue, priority, due_at, seq);
create index if not exists lease_job_finished on lease_job (queue, outcome, finished_at);
create index if not exists lease_job_kept on lease_job (queue, kept_until);

create table if not exists lease_checkpoint (
  seq    bigint generated always as identity,
  queue  varchar(200) not null,
  job_id varchar(200) not null,
  step   varchar(200) not null,
  value  varchar not null,
  kept_at bigint,
  primary key (queue, job_id, step)
);

create table if not exists lease_attempt (
  queue     varchar(200) not null,
  job_id    varchar(200) not null,
  token     bigint not null,
  attempt   int not null,
  owner     varchar(200) not null,
  failed_at bigint not null,
  error     varchar not null,
  primary key (queue, job_id, token)
);

create table if not exists lease_action (
  seq      bigint generated always as identity primary key,
  piece    varchar(36),
  acted_at bigint not null,
  operator varchar(200) not null,
  reason   varchar not null,
  kind     varchar(20) not null,
  queue    varchar(200) not null,
  job_id   varchar(200),
  changed  int not null,
  what     varchar not null,
  constraint lease_action_piece unique (piece, queue)
);
create index if not exists lease_action_queue on lease_action (queue, seq);
create index if not exists lease_action_job on lease_action (queue, job_id, seq);

create table if not exists lease_token_floor (token bigint primary key);
merge into lease_token_floor values (0);

create table if not exists lease_paused_queue (queue varchar(200) primary key);

create table if not exists lease_lease (
  name       varchar(200) primary key,
  owner      varchar(200) not null,
  token      bigint not null,
  expires_at bigint not null,
  note       varchar(8000)
);

create table if not exists lease_fence (
  seq      bigint generated always as identity,
  resource varchar(200) not null,
  queue    varchar(200) not null,
  name     varchar(200) not null,
  token    bigint not null,
  used_on  bigint not null,
  primary key (resource, queue, name)
);
create index if not exists lease_fence_used on lease_fence (used_on);

create table if not exists lease_key_lock (bucket int primary key);
merge into lease_key_lock select "X" from system_range(0, 999);

create table if not exists example_message (
  id      bigint generated always as identity primary key,
  message varchar not null
);

create table if not exists lease_remembered (
  queue      varchar(200) not null,
  last_id    varchar(36) not null,
  first_id   varchar(36) not null,
  token      bigint not null,
  ids        varchar not null,
  kept_until bigint not null,
  primary key (queue, last_id, first_id, token)
);
create index if not exists lease_remembered_kept on lease_remembered (queue, kept_until);
