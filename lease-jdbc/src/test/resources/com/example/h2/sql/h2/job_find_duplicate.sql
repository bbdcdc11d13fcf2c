select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and keyed = 1 and (live = 1 or dedup_until > {asof})
limit 1;

select id
from lease_job
where queue = :queue and id = :id
union all
select id
from lease_job
where queue = :queue and dedup_key = :dedupKey and keyed = 1 and (live = 1 or dedup_until > {asof})
limit 1
