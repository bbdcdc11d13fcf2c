-- Pauses a queue.
-- queue
insert into lease_paused_queue (queue)
values (:queue)
on conflict (queue) do nothing
