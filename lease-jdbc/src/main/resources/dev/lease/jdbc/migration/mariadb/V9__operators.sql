-- When a step was kept, for operators. The statement can be run again, as in V1.
alter table lease_checkpoint add column if not exists kept_at bigint;
