-- Cancels jobs that wait, since a part before theirs failed.
-- arrays: error, keep (microseconds, the store's default), queue, id, graph
update lease_job j
set outcome = {CANCELLED}, finished_at = {now}, kept_until = {now} + {greatest}(coalesce(j.keep, s.keep), {least_kept}),
    error = s.error, priority = priority + 30
from unnest(:error, :keep, :queue, :id, :graph) as s(error, keep, queue, id, graph)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id])
  and case when j.priority between 20 and 29 and j.finished_at is null then j.graph end = s.graph
