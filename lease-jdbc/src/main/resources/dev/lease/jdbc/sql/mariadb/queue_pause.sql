-- Pauses a queue; fails if it is paused. Not with "insert ignore", which passes over any error, and not with
-- "on duplicate key", for which an application needs one more right.
-- queue
insert into lease_paused_queue (queue)
values (:queue)
