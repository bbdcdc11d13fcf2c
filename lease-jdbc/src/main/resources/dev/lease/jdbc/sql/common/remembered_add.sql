-- Remembers the ids of some jobs of a queue that begin alike.
-- queue, lastId, firstId, token (the largest), ids, keptUntil (or null if the jobs finish now)
insert into lease_remembered (queue, last_id, first_id, token, ids, kept_until)
values (:queue, :lastId, :firstId, :token, :ids, coalesce(:keptUntil, {asof} + {remembered}))
