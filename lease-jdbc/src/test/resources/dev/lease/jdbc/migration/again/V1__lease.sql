create table lease_job (seq bigint);
create index lease_job_id on lease_job (misspelt);
