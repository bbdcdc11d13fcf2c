-- A version that is made up, for the tests of upgrades. Each statement is a transaction of its own and can be run again:
-- the file runs again if a lock takes too long, so it makes only what is not there yet.
alter table lease_job add column if not exists tenant text collate "C";

-- On a large table an operator makes it before the upgrade, while others write.
create index if not exists lease_job_type on lease_job (queue, type, seq) where finished_at is null;

-- A rule that is changed. It holds for what is written from now on.
create or replace function lease_job_rules() returns trigger language plpgsql as $$
begin
  if new.finished_at is null and greatest(octet_length(new.tenant), octet_length(new.type)) > 100 then
    raise exception 'the job breaks a rule of lease_job_rules' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
