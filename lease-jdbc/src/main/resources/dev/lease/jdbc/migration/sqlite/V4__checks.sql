-- Rules for what others than the store write into its table, which are the limits of the API. They are triggers,
-- because SQLite cannot add a constraint to a table: it would have to copy all jobs, while nobody else can write. An
-- update of the columns that claims and settlements write runs none of them.
create trigger lease_job_inserted before insert on lease_job
when not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 32)) <> ''
  and (new.dedup_key is null
    or octet_length(new.dedup_key) between 1 and 200 and trim(new.dedup_key, char(9, 10, 11, 12, 13, 32)) <> '')
  and octet_length(new.payload) <= 1048576 and new.priority between 0 and 9 and new.max_attempts >= 1
  and new.attempts between 0 and new.max_attempts and new.token >= 0 and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_inserted');
end;

create trigger lease_job_updated before update of queue, id, type, priority, max_attempts, keep on lease_job
when new.finished_at is null and not (
  typeof(new.id) = 'text'
  and octet_length(new.queue) between 1 and 200 and trim(new.queue, char(9, 10, 11, 12, 13, 32)) <> ''
  and octet_length(new.id) between 1 and 200 and trim(new.id, char(9, 10, 11, 12, 13, 32)) <> ''
  and octet_length(new.type) between 1 and 200 and trim(new.type, char(9, 10, 11, 12, 13, 32)) <> ''
  and new.priority between 0 and 9 and new.max_attempts >= 1 and new.attempts between 0 and new.max_attempts
  and (new.keep is null or new.keep >= 0))
begin
  select raise(abort, 'the job breaks a rule of lease_job_updated');
end;
