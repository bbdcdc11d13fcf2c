merge into lease_paused_queue (queue) key (queue) values (:queue)
