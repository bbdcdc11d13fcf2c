-- What operators did. A piece of an act on many jobs has a key, by which its number of jobs grows.
create table lease_action (
  seq      bigint generated always as identity primary key,
  piece    text collate "C",
  acted_at bigint not null,
  operator text not null,
  reason   text not null,
  kind     text not null,
  queue    text collate "C" not null,
  job_id   text collate "C",
  changed  int not null,
  what     text not null,
  unique (piece, queue)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;
