-- The newest job, and how far its enqueueing is ahead of the clock (microseconds).
select queue, id, created_at - {now} as ahead
from lease_job
where {present}
order by seq desc
limit 1
