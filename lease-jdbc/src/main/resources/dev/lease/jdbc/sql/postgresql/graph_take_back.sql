-- Lets jobs wait again that were cancelled since a part before theirs failed, unless others have their dedup keys.
-- arrays: queue, id, graph
update lease_job j
set outcome = null, finished_at = null, kept_until = null, error = null, priority = priority - 30
from unnest(:queue, :id, :graph) as s(queue, id, graph)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id])
  and case when j.priority between 50 and 59 and j.outcome = {CANCELLED} then j.graph end = s.graph
  and not exists (
    select 1 from lease_job holder
    where holder.queue = j.queue and holder.dedup_key = j.dedup_key and holder.id <> j.id
      and {keyed} and (holder.finished_at is null or holder.dedup_until > {now}))
