-- When a step was kept, for operators.
alter table lease_checkpoint add column kept_at bigint;
