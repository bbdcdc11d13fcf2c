-- Counts the jobs of every queue by state. Also counts those that expired, those that are held back, and
-- those that wait for other parts, and reads the oldest due time.
select queue, {state} as state, count(*) as jobs,
  sum(case when expires_at <> 0 and expires_at <= {asof} then 1 else 0 end) as expired,
  sum(case when priority >= 10 and priority not between 20 and 29 and due_at <= {asof} then 1 else 0 end) as held_back,
  sum(case when priority between 20 and 29 then 1 else 0 end) as waiting,
  min(case when expires_at <= {asof} and due_at <= {asof} and priority < 10 then due_at end) as oldest_due,
  {asof} as as_of
from lease_job
where {unfinished}
group by queue, {state}
union all
select queue, outcome, count(*), 0, 0, 0, null, {asof}
from lease_job
where outcome is not null
group by queue, outcome
union all
select queue, null, 0, 0, 0, 0, null, {asof}
from lease_paused_queue
