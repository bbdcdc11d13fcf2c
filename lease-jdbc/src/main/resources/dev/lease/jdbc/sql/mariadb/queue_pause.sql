-- Pauses a queue.
-- queue
insert ignore into lease_paused_queue (queue)
values (:queue)
