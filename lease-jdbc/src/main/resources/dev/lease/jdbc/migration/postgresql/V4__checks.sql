-- Rules for what others than the store write into its tables, which are the limits of the API. Each statement is a
-- transaction of its own and can be run again: so a table is never locked for as long as it takes to read it.

-- A finished job may break the rules, so that one that breaks them can be finished.
update lease_job
set outcome = 4, expires_at = 0, cancel_requested = false,
    finished_at = (date_part('epoch', clock_timestamp()) * 1000000)::bigint,
    kept_until = (date_part('epoch', clock_timestamp()) * 1000000)::bigint + 604800000000,
    error = 'the job was not made by Lease and breaks its rules'
where finished_at is null and (
  octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\r\f\v') <> '')
  and octet_length(id) <= 200 and (ascii(id) > 32 or btrim(id, E' \t\n\r\f\v') <> '')
  and octet_length(type) <= 200 and (ascii(type) > 32 or btrim(type, E' \t\n\r\f\v') <> '')
  and octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or btrim(dedup_key, E' \t\n\r\f\v') <> '')
  and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\r\f\v') <> '')
  and octet_length(payload) <= 1048576 and priority between 0 and 9 and max_attempts >= 1
  and attempts between 0 and max_attempts and token >= 0 and keep >= 0) is false;

alter table lease_job
  drop constraint if exists lease_job_names,
  drop constraint if exists lease_job_numbers,
  add constraint lease_job_names check (finished_at is not null or (
    octet_length(queue) <= 200 and (ascii(queue) > 32 or btrim(queue, E' \t\n\r\f\v') <> '')
    and octet_length(id) <= 200 and (ascii(id) > 32 or btrim(id, E' \t\n\r\f\v') <> '')
    and octet_length(type) <= 200 and (ascii(type) > 32 or btrim(type, E' \t\n\r\f\v') <> '')
    and octet_length(dedup_key) <= 200 and (ascii(dedup_key) > 32 or btrim(dedup_key, E' \t\n\r\f\v') <> '')
    and octet_length(owner) <= 200 and (ascii(owner) > 32 or btrim(owner, E' \t\n\r\f\v') <> ''))) not valid,
  add constraint lease_job_numbers check (finished_at is not null or (
    octet_length(payload) <= 1048576 and priority between 0 and 9 and max_attempts >= 1
    and attempts between 0 and max_attempts and token >= 0 and keep >= 0)) not valid;
alter table lease_job validate constraint lease_job_names;
alter table lease_job validate constraint lease_job_numbers;

-- Nearly every row of this table changes several times. By default a fifth of it would have to be dead before it is
-- cleaned. A table that an administrator has partitioned has no such settings; its partitions do.
do $$
begin
  if (select relkind from pg_class where oid = 'lease_job'::regclass) = 'r' then
    alter table lease_job set (
      autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
      autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 1000,
      autovacuum_vacuum_cost_delay = 1);
  end if;
end
$$;
