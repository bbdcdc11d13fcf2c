-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order.
create table lease_attempt (
  queue     text collate "C" not null,
  job_id    text collate "C" not null,
  token     bigint not null,
  attempt   int not null,
  worker    text not null,
  failed_at bigint not null,
  error     text not null,
  primary key (queue, job_id, token)
);

-- A publication of all tables refuses to change a row without a key.
alter table lease_token_floor add primary key (token);
