-- Times are epoch microseconds of the database's clock. A job is held while expires_at <> 0, finished
-- once finished_at is set; its state follows from that (see the view) and is stored nowhere else.
-- A statement of this kind ends the transaction it stands in, so a migration may be cut between two of them:
-- each can be run again.

-- Rules are for what others than the store write into its tables, which are the limits of the API. A finished job may
-- break them, so that one that breaks them can be finished.
-- The tens of a priority say where a job is, so that no claim meets one that may not run; the view has the priority itself:
--   0 to 9 in the open: claims look here;
--   10 to 19 on the shelf: due, without a slot of its key;
--   20 to 29 waits for other parts of its graph;
--   30 to 39 has a slot of its key, and waits for one of its queue, or for its start;
--   40 to 49 has a key and is not due, and has no slot;
--   50 to 59 was cancelled while it waited, since a part before it failed.
-- From 10 on the units are 9 less the priority, so that the index of those on the shelf begins with the most urgent.
-- Names are compared byte for byte: binary, and without padding, for which a trailing blank is no difference.
create table if not exists lease_job (
  seq              bigint not null auto_increment,
  due_at           bigint not null,
  expires_at       bigint not null default 0,
  token            bigint not null default 0,
  created_at       bigint not null,
  attempts         int not null default 0,
  failures         int not null default 0,
  max_crashes      int not null,
  priority         tinyint not null,
  cancel_requested boolean not null default false,
  queue            varchar(200) not null,
  id               varchar(200) not null,
  type             varchar(200) not null,
  headers          mediumtext not null,
  payload          mediumtext not null,
  finished_at      bigint,
  kept_until       bigint,
  not_after        bigint,
  dedup_until      bigint,
  keep             bigint,
  max_failures     int,
  progress_percent tinyint,
  outcome          tinyint,
  owner            varchar(200),
  job_key          varchar(200),
  dedup_key        varchar(200),
  graph            varchar(200),
  part             varchar(200),
  progress_message text,
  result           mediumtext,
  error            text,
  -- These two stand for the partial indexes that there are none of: 1 while the job is not finished, or may have its
  -- dedup key, and null otherwise, which no unique key minds.
  live             tinyint generated always as (case when finished_at is null then 1 end) stored,
  keyed            tinyint
    generated always as (case when finished_at is null or dedup_until is not null then 1 end) stored,
  -- And these for the index of the unfinished jobs with a key, by where they are. Those that are not due are in the order
  -- of their due times.
  key_place        tinyint
    generated always as (case when job_key is not null and finished_at is null then priority div 10 end) stored,
  key_order        tinyint
    generated always as (case when job_key is not null and finished_at is null then least(priority, 40) end) stored,
  primary key (seq),
  unique key lease_job_id (queue, id),
  -- No column that a claim or an extension writes stands in an index.
  key lease_job_ready (live, queue, priority, due_at, seq),
  key lease_job_key (key_place, queue, job_key, key_order, due_at, seq),
  -- Downwards by what tells that a job may have its key: so the entry that a finished job leaves behind is followed by
  -- another one of that job. While old snapshots keep it, who takes the key again locks what follows it, which was the
  -- key of others. Before MariaDB 10.8 the order is the other one.
  unique key lease_job_dedup (queue, dedup_key, keyed desc),
  -- By the outcome first: a purge passes over the rows that have none.
  key lease_job_finished (queue, outcome, finished_at),
  key lease_job_kept (queue, kept_until),
  constraint lease_job_rules check (
    finished_at is not null
    or octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(id) <= 200 and (ascii(id) > 32 or hex(id) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(type) <= 200 and (ascii(type) > 32 or hex(type) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(job_key) <= 200 and (ascii(job_key) > 32 or hex(job_key) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(dedup_key) <= 200
    and (ascii(dedup_key) > 32 or hex(dedup_key) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(payload) <= 1048576
    and (priority between 0 and 9 or priority between 20 and 29 and graph is not null and part is not null
      or priority between 10 and 49 and priority not between 20 and 29 and job_key is not null)
    and max_crashes >= 1 and max_failures >= 1 and failures >= 0 and attempts - failures between 0 and max_crashes
    and token >= 0 and keep >= 0 and (expires_at = 0 or owner is not null))
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- In a transaction of the caller's under REPEATABLE READ, who reads a row by another key than the primary one locks
-- the gap before it as well, in which others keep theirs.
create table if not exists lease_checkpoint (
  seq     bigint not null auto_increment,
  kept_at bigint not null,
  queue   varchar(200) not null,
  job_id  varchar(200) not null,
  step    varchar(200) not null,
  value   mediumtext not null,
  primary key (queue, job_id, step),
  unique key lease_checkpoint_seq (seq),
  constraint lease_checkpoint_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or hex(job_id) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(step) <= 200 and (ascii(step) > 32 or hex(step) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(value) <= 1048576)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order. Most of a row is free: claims copy it from
-- lease_job, which has the rules.
create table if not exists lease_attempt (
  queue     varchar(200) not null,
  job_id    varchar(200) not null,
  token     bigint not null,
  attempt   int not null,
  owner     varchar(200) not null,
  failed_at bigint not null,
  error     text not null,
  primary key (queue, job_id, token),
  constraint lease_attempt_rules check (char_length(error) <= 2000)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- What operators did. A piece of an act on many jobs has a key, by which its number of jobs grows.
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

-- The ids of jobs whose rows are gone: a row has some of those that a settlement or a purge has removed together and
-- that begin alike. Only ids of 36 characters with hyphens at fixed places are here, one behind the other, so that one
-- id is never found across two others. The ids lie between the first and the last one. The token is the largest of the
-- jobs.
create table if not exists lease_remembered (
  queue      varchar(200) not null,
  last_id    varchar(36) not null,
  first_id   varchar(36) not null,
  token      bigint not null,
  ids        mediumtext not null,
  kept_until bigint not null,
  primary key (queue, last_id, first_id, token),
  key lease_remembered_kept (queue, kept_until)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table if not exists lease_token_floor (
  token bigint not null,
  primary key (token),
  constraint lease_token_floor_rules check (token >= 0)
) engine = innodb;
insert into lease_token_floor
select 0 from dual where not exists (select 1 from lease_token_floor);

-- A row stands for the keys whose hash it is, so there are always as many. The first 1,000 are what batches lock before
-- they store jobs with several dedup keys, each in the same order, so that they do not end in a deadlock. Whoever changes
-- how many jobs of a key have a slot locks one of the others, and never waits for it while it has a job locked.
create table if not exists lease_key_lock (
  bucket int not null,
  primary key (bucket)
) engine = innodb;
insert ignore into lease_key_lock
with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < 999)
select thousands.n * 1000 + numbers.n from numbers join numbers thousands on thousands.n < 10;

-- The limits of keys. The key '' stands for every key of the queue that has no limit of its own (slots is null), and has
-- the slots of the whole queue. A key that was closed, or has a rate, keeps here when its next job starts.
create table if not exists lease_limit (
  queue        varchar(200) not null,
  job_key      varchar(200) not null,
  slots        int,
  in_order     boolean not null default false,
  starts       int,
  period       bigint,
  burst        int,
  queue_slots  int,
  closed_until bigint,
  evenly       bigint,
  primary key (queue, job_key),
  constraint lease_limit_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(job_key) <= 200
    and (job_key = '' or ascii(job_key) > 32 or hex(job_key) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and slots between 0 and 1000 and queue_slots between 0 and 1000 and (queue_slots is null or job_key = '')
    and (slots <= 1 or not in_order) and starts >= 1 and period >= starts and burst >= 0)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Keys that somebody has to look at, since jobs of them came or ended in a transaction that could not give slots. The key
-- '' stands for the slots of the queue.
create table if not exists lease_arrival (
  seq     bigint not null auto_increment,
  queue   varchar(200) not null,
  job_key varchar(200) not null,
  primary key (seq),
  key lease_arrival_key (queue, job_key)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Graphs of jobs. A graph is open until its last piece is stored; open_until is null from then on, and 0 if jobs of it
-- were discarded. It has ended when none of its parts is left. Who changes a graph, its parts or its edges locks its
-- row here.
create table if not exists lease_graph (
  queue      varchar(200) not null,
  id         varchar(200) not null,
  open_until bigint,
  created_at bigint not null,
  kept_until bigint,
  parts      int not null default 0,
  jobs       int not null default 0,
  unended    int not null default 0,
  primary key (queue, id),
  key lease_graph_kept (queue, kept_until),
  key lease_graph_open (queue, open_until)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The parts of graphs. waits says how many parts before it have not ended, spoiled how many of those that cancel it have
-- failed. The stage is 0 while its jobs wait, 1 once they may run, and 2 if they were cancelled. moved says for how many of
-- its jobs that has been done; todo whether there is something to do: it waits for nothing, or some are left.
create table if not exists lease_part (
  queue     varchar(200) not null,
  graph     varchar(200) not null,
  name      varchar(200) not null,
  place     int not null,
  stage     tinyint not null default 0,
  todo      boolean not null,
  waits     int not null,
  spoiled   int not null default 0,
  jobs      int not null default 0,
  moved     int not null default 0,
  done      int not null default 0,
  failed    int not null default 0,
  cancelled int not null default 0,
  primary key (queue, graph, name),
  unique key lease_part_place (queue, graph, place),
  key lease_part_todo (queue, graph, todo, place)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Which parts wait for which, in the order in which the part names them. on_failure: 0 cancel, 1 run, 2 ignore.
create table if not exists lease_edge (
  queue      varchar(200) not null,
  graph      varchar(200) not null,
  part       varchar(200) not null,
  place      int not null,
  parent     varchar(200) not null,
  on_failure tinyint not null,
  primary key (queue, graph, part, place),
  key lease_edge_parent (queue, graph, parent)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- The jobs of a part, in their order.
create table if not exists lease_member (
  queue  varchar(200) not null,
  graph  varchar(200) not null,
  part   varchar(200) not null,
  place  int not null,
  job_id varchar(200) not null,
  primary key (queue, graph, part, place)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Jobs of a part that have ended, or one that runs again after it had (then the outcome is negative): written by whatever
-- does that, in the same transaction, and removed by the claim that adds it to the part. A row without an outcome says
-- that there is more to do.
create table if not exists lease_ended (
  seq     bigint not null auto_increment,
  queue   varchar(200) not null,
  graph   varchar(200) not null,
  part    varchar(200) not null,
  job_id  varchar(200),
  outcome tinyint,
  jobs    int not null,
  primary key (seq),
  key lease_ended_graph (queue, graph, seq)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

create table if not exists lease_paused_queue (
  queue varchar(200) not null,
  primary key (queue),
  constraint lease_paused_queue_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$'))
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

create table if not exists lease_lease (
  name       varchar(200) not null,
  owner      varchar(200) not null,
  token      bigint not null,
  expires_at bigint not null,
  note       text,
  primary key (name),
  constraint lease_lease_rules check (
    octet_length(name) <= 200 and (ascii(name) > 32 or hex(name) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or hex(owner) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and token >= 0 and octet_length(note) <= 8000)
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
  key lease_fence_used (used_on),
  constraint lease_fence_rules check (
    octet_length(resource) <= 200 and (ascii(resource) > 32 or hex(resource) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and (queue = ''
      or octet_length(queue) <= 200 and (ascii(queue) > 32 or hex(queue) not rlike '^(0[9A-D]|1[C-F]|20)*$'))
    and octet_length(name) <= 200 and (ascii(name) > 32 or hex(name) not rlike '^(0[9A-D]|1[C-F]|20)*$')
    and token >= 0 and used_on >= 0)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Its times are UTC. A finished job without an outcome only remembers its id.
create or replace sql security invoker view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as expired,
  finished_at is null and priority >= 10 and priority not between 20 and 29 and job_key is not null
    and due_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) as held_back,
  case when priority < 10 then priority else 9 - priority % 10 end as priority,
  attempts, failures, max_crashes, max_failures, owner, token,
  timestamp'1970-01-01 00:00:00' + interval nullif(expires_at, 0) microsecond as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, job_key, graph, part,
  finished_at is null and priority between 20 and 29 as waiting, dedup_key,
  timestamp'1970-01-01 00:00:00' + interval dedup_until microsecond as dedup_until,
  timestamp'1970-01-01 00:00:00' + interval created_at microsecond as created_at,
  timestamp'1970-01-01 00:00:00' + interval due_at microsecond as due_at,
  timestamp'1970-01-01 00:00:00' + interval not_after microsecond as not_after,
  timestamp'1970-01-01 00:00:00' + interval finished_at microsecond as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
