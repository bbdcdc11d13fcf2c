-- Notes a key that somebody has to look at later.
-- queue, key
insert into lease_arrival (queue, job_key)
values (:queue, :key)
