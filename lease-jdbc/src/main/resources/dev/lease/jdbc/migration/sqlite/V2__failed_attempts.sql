-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order.
create table lease_attempt (
  queue     text not null,
  job_id    text not null,
  token     integer not null,
  attempt   integer not null,
  worker    text not null,
  failed_at integer not null,
  error     text not null,
  primary key (queue, job_id, token)
);
