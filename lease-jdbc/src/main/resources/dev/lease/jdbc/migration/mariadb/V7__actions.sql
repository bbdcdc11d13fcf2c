-- What operators did, with rules as in V4. A piece of an act on many jobs has a key, by which its number of jobs
-- grows. The statement can be run again, as in V1.
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
  key lease_action_job (queue, job_id, seq),
  constraint lease_action_rules check (
    octet_length(operator) <= 200 and (ascii(operator) > 32 or hex(operator) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or hex(job_id) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and kind <> '' and changed >= 1 and char_length(reason) <= 1000 and char_length(what) <= 1000)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;
