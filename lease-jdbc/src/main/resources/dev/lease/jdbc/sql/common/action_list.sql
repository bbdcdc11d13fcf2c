-- Reads what operators did, newest first.
-- the values of the conditions, limit
select seq, acted_at, operator, reason, kind, queue, job_id, changed, what
from lease_action
where {conditions}
order by seq desc
limit :limit
