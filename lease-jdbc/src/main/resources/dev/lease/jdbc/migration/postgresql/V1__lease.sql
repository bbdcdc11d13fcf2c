-- Times are epoch microseconds of the database's clock. A job is held while expires_at <> 0, finished
-- once finished_at is set; its state follows from that (see the view) and is stored nowhere else.

-- What claims and settlements change stands side by side, before texts that they leave alone: so the log of an update has
-- only that part of the row. Columns of a fixed width are in an order without gaps, and a null takes no room.
-- The tens of a priority say where a job is, so that no claim meets one that may not run; the view has the priority itself:
--   0 to 9 in the open: claims look here;
--   10 to 19 on the shelf: due, without a slot of its key;
--   20 to 29 waits for other parts of its graph;
--   30 to 39 has a slot of its key, and waits for one of its queue, or for its start;
--   40 to 49 has a key and is not due, and has no slot;
--   50 to 59 was cancelled while it waited, since a part before it failed.
-- From 10 on the units are 9 less the priority, so that the index of those on the shelf begins with the most urgent.
create table lease_job (
  seq              bigint generated always as identity,
  due_at           bigint not null,
  created_at       bigint not null,
  max_crashes      int not null,
  priority         smallint not null,
  cancel_requested boolean not null default false,
  attempts         int not null default 0,
  failures         int not null default 0,
  expires_at       bigint not null default 0,
  token            bigint,
  finished_at      bigint,
  kept_until       bigint,
  outcome          smallint,
  owner            text,
  queue            text collate "C" not null,
  id               text collate "C" not null,
  type             text collate "C" not null,
  headers          text not null,
  payload          text not null,
  not_after        bigint,
  dedup_until      bigint,
  keep             bigint,
  max_failures     int,
  progress_percent smallint,
  job_key          text collate "C",
  dedup_key        text collate "C",
  graph            text collate "C",
  part             text collate "C",
  progress_message text,
  result           text,
  error            text,
  primary key (queue, id)
) with (
  -- Room for the heap-only updates of claims and extensions, which write no column that stands in an index or in its
  -- predicate.
  fillfactor = 50,
  -- Nearly every row changes several times. By default a fifth of the table would have to be dead before it is cleaned.
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 1000,
  autovacuum_vacuum_cost_delay = 1
);

create index lease_job_ready on lease_job (queue, priority, due_at, seq) where finished_at is null;
-- The unfinished jobs with a key, by where they are. The condition is said so that it follows from no other index's: else
-- the planner may take that of claims, and walk over all that waits, as long as nobody has analysed the table. Those that
-- are not due are in the order of their due times.
create index lease_job_key on lease_job (queue, (priority / 10), job_key, (least(priority, 40)), due_at, seq)
  where job_key is not null and coalesce(finished_at, 0) = 0;
create unique index lease_job_dedup on lease_job (queue, dedup_key)
  where dedup_key is not null and (finished_at is null or dedup_until is not null);
create index lease_job_kept on lease_job (queue, kept_until) where kept_until is not null;

-- For lists in the order of enqueueing: the jobs of each queue that are not finished, and those of each outcome. The
-- first condition is said so that it does not follow from "finished_at is null": else the planner might take this index
-- for a claim, which would walk over all that waits.
create index lease_job_list on lease_job (queue, seq)
  where (finished_at is null) = (outcome is null) and outcome is null;
create index lease_job_list_finished on lease_job (queue, outcome, seq) where outcome is not null;

-- Without seq, so that the jobs of a batch share an entry: with it the index was ten times as large, and a drain wrote
-- 2.7 % more WAL (200,000 jobs in batches of 100, PostgreSQL 17).
create index lease_job_finished on lease_job (queue, outcome, finished_at) where outcome is not null;

-- PostgreSQL 12 sorts all jobs of a list if the index lacks a part of the order. Jobs that are done are not in this one,
-- and cost nothing more.
create index lease_job_failed on lease_job (queue, outcome, finished_at, seq) where outcome > 3;

-- Rules for what others than the store write into its tables, which are the limits of the API. A finished job may break
-- them, so that one that breaks them can be finished. The rules of this table are a trigger. With constraints the server
-- reads their text anew for each statement, also for one that changes none of these columns: that cost 28 µs of 48 µs for
-- the update of one row (measured on PostgreSQL 17). A claim or a settlement does not run the trigger.
create function lease_job_rules() returns trigger language plpgsql as $$
begin
  if new.finished_at is not null then
    return new;
  end if;
  if greatest(octet_length(new.queue), octet_length(new.id), octet_length(new.type), octet_length(new.dedup_key),
      octet_length(new.job_key), octet_length(new.owner)) <= 200
    and octet_length(new.payload) <= 1048576
    and (new.priority between 0 and 9 or new.priority between 20 and 29 and new.graph is not null and new.part is not null
      or new.priority between 10 and 49 and new.priority not between 20 and 29 and new.job_key is not null)
    and least(new.max_crashes, new.max_failures) >= 1 and new.failures >= 0
    and new.attempts - new.failures between 0 and new.max_crashes
    and coalesce(least(new.token, new.keep), 0) >= 0 and (new.expires_at = 0 or new.owner is not null)
  then
    if least(ascii(new.queue), ascii(new.id), ascii(new.type), ascii(new.dedup_key), ascii(new.job_key),
        ascii(new.owner)) > 32 then
      return new;
    end if;
    -- One begins with a blank, or is empty.
    if btrim(new.queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and btrim(new.id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and btrim(new.type, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''
      and (btrim(new.dedup_key, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') = '') is not true
      and (btrim(new.job_key, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') = '') is not true
      and (btrim(new.owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') = '') is not true
    then
      return new;
    end if;
  end if;
  raise exception 'the job breaks a rule of lease_job_rules' using errcode = 'check_violation';
end
$$;
create trigger lease_job_rules
  before insert or update of queue, id, type, priority, max_crashes, max_failures, keep, job_key, graph, part on lease_job
  for each row execute function lease_job_rules();

create table lease_checkpoint (
  seq     bigint generated always as identity,
  kept_at bigint not null,
  queue   text collate "C" not null,
  job_id  text collate "C" not null,
  step    text collate "C" not null,
  value   text not null,
  primary key (queue, job_id, step),
  constraint lease_checkpoint_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or btrim(job_id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(step) <= 200 and (ascii(step) > 32 or btrim(step, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(value) <= 1048576)
) with (
  -- As many rows die as are made: with their job.
  autovacuum_vacuum_scale_factor = 0.02
);

-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order. Most of a row is free: claims copy it from
-- lease_job, which has the rules.
create table lease_attempt (
  queue     text collate "C" not null,
  job_id    text collate "C" not null,
  token     bigint not null,
  attempt   int not null,
  owner     text not null,
  failed_at bigint not null,
  error     text not null,
  primary key (queue, job_id, token),
  constraint lease_attempt_rules check (char_length(error) <= 2000)
) with (autovacuum_vacuum_scale_factor = 0.02);

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
  unique (piece, queue),
  constraint lease_action_rules check (
    octet_length(operator) <= 200 and (ascii(operator) > 32 or btrim(operator, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(job_id) <= 200 and (ascii(job_id) > 32 or btrim(job_id, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and kind <> '' and changed >= 1 and char_length(reason) <= 1000 and char_length(what) <= 1000)
);
create index lease_action_queue on lease_action (queue, seq);
create index lease_action_job on lease_action (queue, job_id, seq) where job_id is not null;

-- The ids of jobs whose rows are gone: a row has some of those that a settlement or a purge has removed together and
-- that begin alike. Only ids of 36 characters with hyphens at fixed places are here, one behind the other, so that one
-- id is never found across two others. The ids lie between the first and the last one. The token is the largest of the
-- jobs.
create table lease_remembered (
  queue      text collate "C" not null,
  last_id    text collate "C" not null,
  first_id   text collate "C" not null,
  token      bigint not null,
  ids        text not null,
  kept_until bigint not null,
  primary key (queue, last_id, first_id, token)
);
-- Compressing them would cost the server more than it saves.
alter table lease_remembered alter column ids set storage external;
create index lease_remembered_kept on lease_remembered (queue, kept_until);

-- The largest token that went with a job while the clock had not passed it: where a job that is made anew
-- under the same id goes on.
create table lease_token_floor (
  token bigint primary key,
  constraint lease_token_floor_rules check (token >= 0)
);
insert into lease_token_floor values (0);

-- A row stands for the keys whose hash it is, so there are always as many. The first 1,000 are what batches lock before
-- they store jobs with several dedup keys, each in the same order, so that they do not end in a deadlock. Whoever changes
-- how many jobs of a key have a slot locks one of the others, and never waits for it while it has a job locked.
create table lease_key_lock (
  bucket int primary key
);
insert into lease_key_lock select generate_series(0, 9191);

-- The limits of keys. The key '' stands for every key of the queue that has no limit of its own (slots is null), and has
-- the slots of the whole queue. A key that was closed, or has a rate, keeps here when its next job starts.
create table lease_limit (
  queue        text collate "C" not null,
  job_key      text collate "C" not null,
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
    octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and (job_key = '' or octet_length(job_key) <= 200
      and (ascii(job_key) > 32 or btrim(job_key, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''))
    and slots between 0 and 1000 and queue_slots between 0 and 1000 and (queue_slots is null or job_key = '')
    and (slots <= 1 or not in_order) and starts >= 1 and period >= starts and burst >= 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- Keys that somebody has to look at, since jobs of them came or ended in a transaction that could not give slots. The key
-- '' stands for the slots of the queue.
create table lease_arrival (
  queue   text collate "C" not null,
  job_key text collate "C" not null,
  seq     bigint generated always as identity,
  primary key (queue, job_key, seq)
) with (autovacuum_vacuum_scale_factor = 0.02);

-- Graphs of jobs. A graph is open until its last piece is stored; open_until is null from then on, and 0 if jobs of it
-- were discarded. It has ended when none of its parts is left. Who changes a graph, its parts or its edges locks its
-- row here.
create table lease_graph (
  queue      text collate "C" not null,
  id         text collate "C" not null,
  open_until bigint,
  created_at bigint not null,
  kept_until bigint,
  parts      int not null default 0,
  jobs       int not null default 0,
  unended    int not null default 0,
  primary key (queue, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
create index lease_graph_kept on lease_graph (queue, kept_until) where kept_until is not null;
create index lease_graph_open on lease_graph (queue, open_until) where open_until is not null;

-- The parts of graphs. waits says how many parts before it have not ended, spoiled how many of those that cancel it have
-- failed. The stage is 0 while its jobs wait, 1 once they may run, and 2 if they were cancelled. moved says for how many of
-- its jobs that has been done; todo whether there is something to do: it waits for nothing, or some are left.
create table lease_part (
  queue     text collate "C" not null,
  graph     text collate "C" not null,
  name      text collate "C" not null,
  place     int not null,
  stage     smallint not null default 0,
  todo      boolean not null,
  waits     int not null,
  spoiled   int not null default 0,
  jobs      int not null default 0,
  moved     int not null default 0,
  done      int not null default 0,
  failed    int not null default 0,
  cancelled int not null default 0,
  primary key (queue, graph, name),
  unique (queue, graph, place)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
create index lease_part_todo on lease_part (queue, graph, place) where todo;

-- Which parts wait for which, in the order in which the part names them. on_failure: 0 cancel, 1 run, 2 ignore.
create table lease_edge (
  queue      text collate "C" not null,
  graph      text collate "C" not null,
  part       text collate "C" not null,
  place      int not null,
  parent     text collate "C" not null,
  on_failure smallint not null,
  primary key (queue, graph, part, place)
) with (autovacuum_vacuum_scale_factor = 0.02);
create index lease_edge_parent on lease_edge (queue, graph, parent);

-- The jobs of a part, in their order.
create table lease_member (
  queue  text collate "C" not null,
  graph  text collate "C" not null,
  part   text collate "C" not null,
  place  int not null,
  job_id text collate "C" not null,
  primary key (queue, graph, part, place)
) with (autovacuum_vacuum_scale_factor = 0.02);

-- Jobs of a part that have ended, or one that runs again after it had (then the outcome is negative): written by whatever
-- does that, in the same transaction, and removed by the claim that adds it to the part. A row without an outcome says
-- that there is more to do.
create table lease_ended (
  seq     bigint generated always as identity,
  queue   text collate "C" not null,
  graph   text collate "C" not null,
  part    text collate "C" not null,
  job_id  text collate "C",
  outcome smallint,
  jobs    int not null,
  primary key (queue, graph, seq)
) with (autovacuum_vacuum_scale_factor = 0.02);

create table lease_paused_queue (
  queue text collate "C" primary key,
  constraint lease_paused_queue_rules check (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''))
);

create table lease_lease (
  name       text collate "C" primary key,
  owner      text not null,
  token      bigint not null,
  expires_at bigint not null,
  note       text check (octet_length(note) <= 8000),
  constraint lease_lease_rules check (
    octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and token >= 0)
) with (
  fillfactor = 50,
  -- Each renewal changes a row, and lists read all of the table.
  autovacuum_vacuum_scale_factor = 0.02
);

-- The largest token that a resource has seen of a job, or of a named lease, whose queue is empty. The day of its
-- last use is what changes in an index, once a day, so that the other uses are heap-only updates.
create table lease_fence (
  resource text collate "C" not null,
  queue    text collate "C" not null,
  name     text collate "C" not null,
  token    bigint not null,
  used_on  bigint not null,
  primary key (resource, queue, name),
  constraint lease_fence_rules check (
    octet_length(resource) <= 200 and (ascii(resource) > 32 or btrim(resource, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and (queue = ''
      or octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> ''))
    and octet_length(name) <= 200 and (ascii(name) > 32 or btrim(name, E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f') <> '')
    and token >= 0 and used_on >= 0)
) with (
  fillfactor = 50,
  -- The guards in use change all the time, and may be few among millions of others.
  autovacuum_vacuum_scale_factor = 0.01
);
create index lease_fence_used on lease_fence (used_on);

-- A finished job without an outcome only remembers its id.
create view lease_job_view as
select queue, id, type,
  case
    when outcome = 3 then 'DONE' when outcome = 4 then 'FAILED' when outcome = 5 then 'CANCELLED'
    when expires_at <> 0 then 'PROCESSING' when attempts = 0 then 'PENDING' else 'RETRY'
  end as state,
  expires_at <> 0 and expires_at <= (extract(epoch from statement_timestamp()) * 1000000)::bigint as expired,
  finished_at is null and priority >= 10 and priority not between 20 and 29 and job_key is not null
    and due_at <= (extract(epoch from statement_timestamp()) * 1000000)::bigint as held_back,
  case when priority < 10 then priority else 9 - priority % 10 end as priority,
  attempts, failures, max_crashes, max_failures, owner, token,
  to_timestamp(nullif(expires_at, 0) / 1000000.0) as expires_at,
  cancel_requested, progress_percent, progress_message, error, result, payload, headers, job_key, graph, part,
  finished_at is null and priority between 20 and 29 as waiting, dedup_key,
  to_timestamp(dedup_until / 1000000.0) as dedup_until,
  to_timestamp(created_at / 1000000.0) as created_at,
  to_timestamp(due_at / 1000000.0) as due_at,
  to_timestamp(not_after / 1000000.0) as not_after,
  to_timestamp(finished_at / 1000000.0) as finished_at
from lease_job
where (finished_at is null) = (outcome is null);
