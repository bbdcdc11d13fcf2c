-- Times are epoch microseconds of SQLite's clock, which counts milliseconds. A job is held while
-- expires_at <> 0, finished once finished_at is set; its state follows from that (see the view) and is
-- stored nowhere else.

-- The tens of a priority say where a job is, so that no claim meets one that may not run; the view has the priority itself:
--   0 to 9 in the open: claims look here;
--   10 to 19 on the shelf: due, without a slot of its key;
--   20 to 29 waits for other parts of its graph;
--   30 to 39 has a slot of its key, and waits for one of its queue, or for its start;
--   40 to 49 has a key and is not due, and has no slot;
--   50 to 59 was cancelled while it waited, since a part before it failed.
-- From 10 on the units are 9 less the priority, so that the index of those on the shelf begins with the most urgent.
create table lease_job (
  seq              integer primary key,
  due_at           integer not null,
  expires_at       integer not null default 0,
  token            integer not null default 0,
  created_at       integer not null,
  attempts         integer not null default 0,
  failures         integer not null default 0,
  max_crashes      integer not null,
  priority         integer not null,
  cancel_requested boolean not null default false,
  queue            text not null,
  id               text not null,
  type             text not null,
  headers          text not null,
  payload          text not null,
  finished_at      integer,
  kept_until       integer,
  not_after        integer,
  dedup_until      integer,
  keep             integer,
  max_failures     integer,
  progress_percent integer,
  outcome          integer,
  owner            text,
  job_key          text,
  dedup_key        text,
  graph            text,
  part             text,
  progress_message text,
  result           text,
  error            text,
  unique (queue, id)
);

create index lease_job_ready on lease_job (queue, priority, due_at, seq) where finished_at is null;
-- The unfinished jobs with a key, by where they are. Those that are not due are in the order of their due times.
create index lease_job_key on lease_job (queue, priority / 10, job_key, min(priority, 40), due_at, seq)
  where job_key is not null and finished_at is null;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and (finished_at is null or dedup_until is not null);
-- By the outcome first, for lists: a queue has few jobs that failed, and many that are done.
create index lease_job_finished on lease_job (queue, outcome, finished_at) where outcome is not null;
create index lease_job_kept on lease_job (queue, kept_until) where kept_until is not null;

-- Rules for what others than the store write into its tables, which are the limits of the API. Those of this table are
-- triggers, because an update of the columns that claims and settlements write runs none of them. A finished job may
-- break the rules, so that one that breaks them can be finished.
create trigger lease_job_inserted before insert on lease_job
when not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and (new.dedup_key is null
    or octet_length(new.dedup_key) between 1 and 200
    and trim(new.dedup_key, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
  and (new.job_key is null
    or octet_length(new.job_key) between 1 and 200
    and trim(new.job_key, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
  and (new.expires_at = 0 or new.owner is not null)
  and octet_length(new.payload) <= 1048576
  and (new.priority between 0 and 9 or new.priority between 20 and 29 and new.graph is not null and new.part is not null
    or new.priority between 10 and 49 and new.priority not between 20 and 29 and new.job_key is not null)
  and new.max_crashes >= 1 and (new.max_failures is null or new.max_failures >= 1)
  and new.failures >= 0 and new.attempts - new.failures between 0 and new.max_crashes
  and new.token >= 0 and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_inserted');
end;

create trigger lease_job_updated
before update of queue, id, type, priority, max_crashes, max_failures, keep, job_key, graph, part on lease_job
when new.finished_at is null and not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
  and (new.job_key is null
    or octet_length(new.job_key) between 1 and 200
    and trim(new.job_key, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
  and (new.priority between 0 and 9 or new.priority between 20 and 29 and new.graph is not null and new.part is not null
    or new.priority between 10 and 49 and new.priority not between 20 and 29 and new.job_key is not null)
  and new.max_crashes >= 1 and (new.max_failures is null or new.max_failures >= 1)
  and new.failures >= 0 and new.attempts - new.failures between 0 and new.max_crashes
  and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_updated');
end;

create table lease_checkpoint (
  seq     integer primary key,
  kept_at integer not null,
  queue   text not null,
  job_id  text not null,
  step    text not null,
  value   text not null,
  unique (queue, job_id, step),
  constraint lease_checkpoint_rules check (
    octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(job_id) between 1 and 200 and trim(job_id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(step) between 1 and 200 and trim(step, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(value) <= 1048576)
);

-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order. Most of a row is free: claims copy it from
-- lease_job, which has the rules.
create table lease_attempt (
  queue     text not null,
  job_id    text not null,
  token     integer not null,
  attempt   integer not null,
  owner     text not null,
  failed_at integer not null,
  error     text not null,
  primary key (queue, job_id, token),
  constraint lease_attempt_rules check (length(error) <= 2000)
);

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
  unique (piece, queue),
  constraint lease_action_rules check (
    octet_length(operator) between 1 and 200 and trim(operator, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(job_id) between 1 and 200 and trim(job_id, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and kind <> '' and changed >= 1 and length(reason) <= 1000 and length(what) <= 1000)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;

-- The ids of jobs whose rows are gone: a row has some of those that a settlement or a purge has removed together and
-- that begin alike. Only ids of 36 characters with hyphens at fixed places are here, one behind the other, so that one
-- id is never found across two others. The ids lie between the first and the last one. The token is the largest of the
-- jobs.
create table lease_remembered (
  queue      text not null,
  last_id    text not null,
  first_id   text not null,
  token      integer not null,
  ids        text not null,
  kept_until integer not null,
  primary key (queue, last_id, first_id, token)
) without rowid;
create index lease_remembered_kept on lease_remembered (queue, kept_until);

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table lease_token_floor (
  token integer primary key check (token >= 0)
);
insert into lease_token_floor values (0);

-- The limits of keys. The key '' stands for every key of the queue that has no limit of its own (slots is null), and has
-- the slots of the whole queue. A key that was closed, or has a rate, keeps here when its next job starts.
create table lease_limit (
  queue        text not null,
  job_key      text not null,
  slots        integer,
  in_order     boolean not null default false,
  starts       integer,
  period       integer,
  burst        integer,
  queue_slots  integer,
  closed_until integer,
  evenly       integer,
  primary key (queue, job_key),
  constraint lease_limit_rules check (
    octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and (job_key = '' or octet_length(job_key) between 1 and 200
      and trim(job_key, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
    and slots between 0 and 1000 and queue_slots between 0 and 1000 and (queue_slots is null or job_key = '')
    and (slots <= 1 or not in_order) and starts >= 1 and period >= starts and burst >= 0)
) without rowid;

-- Keys that somebody has to look at, since jobs of them came or ended in a transaction that could not give slots. The key
-- '' stands for the slots of the queue.
create table lease_arrival (
  seq     integer primary key,
  queue   text not null,
  job_key text not null
);
create index lease_arrival_key on lease_arrival (queue, job_key);

-- Graphs of jobs. A graph is open until its last piece is stored; open_until is null from then on, and 0 if jobs of it
-- were discarded. It has ended when none of its parts is left. Who changes a graph, its parts or its edges locks its
-- row here.
create table lease_graph (
  queue      text not null,
  id         text not null,
  open_until integer,
  created_at integer not null,
  kept_until integer,
  parts      integer not null default 0,
  jobs       integer not null default 0,
  unended    integer not null default 0,
  primary key (queue, id)
) without rowid;
create index lease_graph_kept on lease_graph (queue, kept_until) where kept_until is not null;
create index lease_graph_open on lease_graph (queue, open_until) where open_until is not null;

-- The parts of graphs. waits says how many parts before it have not ended, spoiled how many of those that cancel it have
-- failed. The stage is 0 while its jobs wait, 1 once they may run, and 2 if they were cancelled. moved says for how many of
-- its jobs that has been done; todo whether there is something to do: it waits for nothing, or some are left.
create table lease_part (
  queue     text not null,
  graph     text not null,
  name      text not null,
  place     integer not null,
  stage     integer not null default 0,
  todo      boolean not null,
  waits     integer not null,
  spoiled   integer not null default 0,
  jobs      integer not null default 0,
  moved     integer not null default 0,
  done      integer not null default 0,
  failed    integer not null default 0,
  cancelled integer not null default 0,
  primary key (queue, graph, name),
  unique (queue, graph, place)
) without rowid;
create index lease_part_todo on lease_part (queue, graph, place) where todo;

-- Which parts wait for which, in the order in which the part names them. on_failure: 0 cancel, 1 run, 2 ignore.
create table lease_edge (
  queue      text not null,
  graph      text not null,
  part       text not null,
  place      integer not null,
  parent     text not null,
  on_failure integer not null,
  primary key (queue, graph, part, place)
) without rowid;
create index lease_edge_parent on lease_edge (queue, graph, parent);

-- The jobs of a part, in their order.
create table lease_member (
  queue  text not null,
  graph  text not null,
  part   text not null,
  place  integer not null,
  job_id text not null,
  primary key (queue, graph, part, place)
) without rowid;

-- Jobs of a part that have ended, or one that runs again after it had (then the outcome is negative): written by whatever
-- does that, in the same transaction, and removed by the claim that adds it to the part. A row without an outcome says
-- that there is more to do.
create table lease_ended (
  seq     integer primary key,
  queue   text not null,
  graph   text not null,
  part    text not null,
  job_id  text,
  outcome integer,
  jobs    integer not null
);
create index lease_ended_graph on lease_ended (queue, graph, seq);

create table lease_paused_queue (
  queue text primary key,
  constraint lease_paused_queue_rules check (
    octet_length(queue) between 1 and 200 and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
) without rowid;

create table lease_lease (
  name       text primary key,
  owner      text not null,
  token      integer not null,
  expires_at integer not null,
  note       text check (octet_length(note) <= 8000),
  constraint lease_lease_rules check (
    octet_length(name) between 1 and 200 and trim(name, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and octet_length(owner) between 1 and 200 and trim(owner, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and token >= 0)
) without rowid;

-- The largest token that a resource has seen of a job, or of a named lease, whose queue is empty; and the day
-- of its last use.
create table lease_fence (
  resource text not null,
  queue    text not null,
  name     text not null,
  token    integer not null,
  used_on  integer not null,
  primary key (resource, queue, name),
  constraint lease_fence_rules check (
    octet_length(resource) between 1 and 200 and trim(resource, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and (queue = '' or octet_length(queue) between 1 and 200
      and trim(queue, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> '')
    and octet_length(name) between 1 and 200 and trim(name, char(9, 10, 11, 12, 13, 28, 29, 30, 31, 32)) <> ''
    and token >= 0 and used_on >= 0)
);
create index lease_fence_used on lease_fence (used_on);

-- A finished job without an outcome only remembers its id.
create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= cast(round(unixepoch('subsec') * 1000) as integer) * 1000 as expired,
  finished_at is null and priority >= 10 and priority not between 20 and 29 and job_key is not null
    and due_at <= cast(round(unixepoch('subsec') * 1000) as integer) * 1000 as held_back,
  case when priority < 10 then priority else 9 - priority % 10 end as priority,
  attempts, failures, max_crashes, max_failures, owner, token,
  strftime('%Y-%m-%d %H:%M:%f', nullif(expires_at, 0) / 1000000.0, 'unixepoch') as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, job_key, graph, part,
  finished_at is null and priority between 20 and 29 as waiting, dedup_key,
  strftime('%Y-%m-%d %H:%M:%f', dedup_until / 1000000.0, 'unixepoch') as dedup_until,
  strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') as created_at,
  strftime('%Y-%m-%d %H:%M:%f', due_at / 1000000.0, 'unixepoch') as due_at,
  strftime('%Y-%m-%d %H:%M:%f', not_after / 1000000.0, 'unixepoch') as not_after,
  strftime('%Y-%m-%d %H:%M:%f', finished_at / 1000000.0, 'unixepoch') as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
