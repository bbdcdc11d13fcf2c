-- The newest job, or remembered id, and how far its enqueueing is ahead of the clock (microseconds).
select queue, id, created_at - {now} as ahead
from lease_job
order by seq desc
limit 1
