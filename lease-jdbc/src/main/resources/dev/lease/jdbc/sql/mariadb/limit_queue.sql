-- Sets the slots of a whole queue, or removes them: null.
-- queue, slots
insert into lease_limit (queue, job_key, queue_slots)
values (:queue, '', :slots)
on duplicate key update queue_slots = values(queue_slots)
