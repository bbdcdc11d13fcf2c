-- Keeps when the next job of a key would start if all starts were evenly spread. The key is locked.
-- one row: queue, key, evenly
insert into lease_limit (queue, job_key, evenly)
values (:queue, :key, :evenly)
on duplicate key update evenly = values(evenly)
