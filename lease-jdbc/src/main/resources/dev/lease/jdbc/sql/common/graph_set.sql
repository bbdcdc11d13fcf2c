-- Writes what has changed of a graph, which is locked.
-- one row: complete (1 or 0), openFor (microseconds), parts, jobs, unended, keep (microseconds, from its end, at least), queue, id
update lease_graph
set open_until = case when :complete = 1 then null else {now} + :openFor end, parts = :parts, jobs = :jobs,
    unended = :unended, kept_until = case when :complete = 1 and :unended = 0 then {now} + {greatest}(:keep, {remembered}) end
where queue = :queue and id = :id
