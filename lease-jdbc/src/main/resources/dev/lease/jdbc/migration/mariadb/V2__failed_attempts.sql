-- The last attempts of a job that failed, or whose lease ran out. A table of its own, so that neither claims nor
-- extensions write it; the token names the attempt and gives the order. Each statement can be run again, as in V1.
create table if not exists lease_attempt (
  queue     varchar(200) not null,
  job_id    varchar(200) not null,
  token     bigint not null,
  attempt   int not null,
  worker    varchar(200) not null,
  failed_at bigint not null,
  error     text not null,
  primary key (queue, job_id, token)
) engine = innodb row_format = dynamic character set utf8mb4 collate utf8mb4_nopad_bin;

-- Replicas, and clusters that need one, find a row by its key.
alter table lease_token_floor add primary key if not exists (token);
