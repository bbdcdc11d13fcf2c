select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and live = 1
limit 1;

select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and live = 1
limit 1
