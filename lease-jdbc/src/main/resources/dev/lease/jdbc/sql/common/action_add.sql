-- Records what an operator did.
-- piece (the key of a piece of many jobs, or null), operator, reason, kind, queue, id (null if it is not about one
-- job), changed, what
insert into lease_action (piece, acted_at, operator, reason, kind, queue, job_id, changed, what)
values (:piece, {asof}, :operator, :reason, :kind, :queue, :id, :changed, :what)
