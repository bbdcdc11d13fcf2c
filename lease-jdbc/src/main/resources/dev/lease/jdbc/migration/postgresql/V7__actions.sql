-- What operators did, with rules as in V4. A piece of an act on many jobs has a key, by which its number of jobs grows.
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
  unique (piece, queue),
  constraint lease_action_rules check (
    octet_length(operator) <= 200 and (ascii(operator) > 32 or btrim(operator, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or btrim(job_id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and kind <> '' and changed >= 1 and char_length(reason) <= 1000 and char_length(what) <= 1000)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;
