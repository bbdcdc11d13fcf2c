-- Lets jobs go that wait for other parts. With a key they go where they wait for a slot.
-- arrays: queue, id, graph
update lease_job j
set priority = case when job_key is null then 9 - priority % 10 when due_at > {now} then priority + 20 else priority - 10 end,
    due_at = {greatest}(due_at, {now})
from unnest(:queue, :id, :graph) as s(queue, id, graph)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id])
  and case when j.priority between 20 and 29 and j.finished_at is null then j.graph end = s.graph
