-- Reads what operators did, newest first. {which} stands for the conditions.
-- before (the place of the last record that was read), queue, id, limit
select seq, acted_at, operator, reason, kind, queue, job_id, changed, what
from lease_action
where seq < :before{which}
order by seq desc
limit :limit
