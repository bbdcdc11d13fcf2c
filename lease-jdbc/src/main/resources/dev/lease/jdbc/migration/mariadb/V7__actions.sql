-- What operators did. A piece of an act on many jobs has a key, by which its number of jobs grows. The statement can
-- be run again, as in V1.
create table if not exists lease_action (
  seq      bigint not null auto_increment,
  piece    varchar(36),
  acted_at bigint not null,
  operator varchar(200) not null,
  reason   text not null,
  kind     varchar(20) not null,
  queue    varchar(200) not null,
  job_id   varchar(200),
  changed  int not null,
  what     text not null,
  primary key (seq),
  unique key lease_action_piece (piece, queue),
  key lease_action_queue (queue, seq),
  key lease_action_job (queue, job_id, seq)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;
