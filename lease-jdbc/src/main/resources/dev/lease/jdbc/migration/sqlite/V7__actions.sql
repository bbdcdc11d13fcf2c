-- What operators did. A piece of an act on many jobs has a key, by which its number of jobs grows.
create table lease_action (
  seq      integer primary key,
  piece    text,
  acted_at integer not null,
  operator text not null,
  reason   text not null,
  kind     text not null,
  queue    text not null,
  job_id   text,
  changed  integer not null,
  what     text not null,
  unique (piece, queue)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;
