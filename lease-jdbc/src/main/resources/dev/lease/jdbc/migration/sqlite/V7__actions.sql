-- What operators did, with rules as in V4. A piece of an act on many jobs has a key, by which its number of jobs grows.
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
  unique (piece, queue),
  constraint lease_action_rules check (
    octet_length(operator) between 1 and 200 and trim(operator, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(job_id) between 1 and 200 and trim(job_id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and kind <> '' and changed >= 1 and length(reason) <= 1000 and length(what) <= 1000)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;
