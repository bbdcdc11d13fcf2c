-- Writes what has changed of a part, whose graph is locked.
-- one row: stage, todo (1 or 0), waits, spoiled, jobs, moved, done, failed, cancelled, queue, graph, name
update lease_part
set stage = :stage, todo = :todo = 1, waits = :waits, spoiled = :spoiled, jobs = :jobs, moved = :moved, done = :done,
    failed = :failed, cancelled = :cancelled
where queue = :queue and graph = :graph and name = :name
