-- A version that is made up, for the tests of upgrades.
alter table lease_job add column tenant text;
create index lease_job_type on lease_job (queue, type, seq) where finished_at is null;

drop trigger lease_job_inserted;
create trigger lease_job_inserted before insert on lease_job
when max(octet_length(coalesce(new.tenant, '')), octet_length(new.type)) > 100
begin
  select raise(abort, 'the job breaks a rule of lease_job_inserted');
end;
