-- Puts jobs with keys, which nobody holds, where their due times say. They have no slots afterwards, unless they had one
-- of a key in order and keep it. Returns their keys.
-- arrays: queue, id, keeps (1 if a job of a key in order keeps its slot, else 0)
update lease_job j
set priority = case
    when s.keeps = 1 and j.priority / 10 in (0, 3) and (
        select in_order
        from lease_limit l
        where l.queue = j.queue and l.job_key in (j.job_key, '') and l.slots is not null
        order by l.job_key desc
        limit 1)
      then case
        when exists (
            select 1 from lease_limit l where l.queue = j.queue and l.job_key = '' and l.queue_slots is not null)
          then 39 - {true_priority} else {true_priority} end
    when j.due_at <= {asof} then 19 - {true_priority}
    else 49 - {true_priority} end
from unnest(:queue, :id, :keeps) as s(queue, id, keeps)
where j.queue = any(array[s.queue]) and j.id = any(array[s.id])
  and case when j.finished_at is null and j.expires_at = 0 and j.priority not between 20 and 29 then j.job_key end
    is not null
returning j.queue, j.job_key
