-- Lets a job go that waits for other parts. With a key it goes where it waits for a slot.
-- one row: queue, id, graph
update lease_job
set priority = case when job_key is null then 9 - priority % 10 when due_at > {now} then priority + 20 else priority - 10 end,
    due_at = {greatest}(due_at, {now})
where queue = :queue and id = :id and graph = :graph and priority + 0 between 20 and 29 and finished_at is null
