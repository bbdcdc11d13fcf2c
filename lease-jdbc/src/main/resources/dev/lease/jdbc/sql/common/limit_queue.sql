-- Sets the slots of a whole queue, or removes them: null.
-- queue, slots
insert into lease_limit (queue, job_key, queue_slots)
values (:queue, '', :slots)
on conflict (queue, job_key) do update
set queue_slots = excluded.queue_slots
