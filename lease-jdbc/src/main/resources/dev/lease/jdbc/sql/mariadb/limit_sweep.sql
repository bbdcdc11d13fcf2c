-- Looks at the next keys with limits, rates or closings, of all queues, and whether nothing is left of these. It compares
-- one column after the other: MariaDB would not use the index to compare rows.
-- queue, key (behind which it begins), limit
select queue, job_key, slots is null and queue_slots is null and coalesce(evenly, 0) <= {asof}
    and coalesce(closed_until, 0) <= {asof} as spent
from lease_limit
where queue > :queue or queue = :queue and job_key > :key
order by queue, job_key
limit :limit;

-- Removes what is left of such a key, which is locked.
-- one row: queue, key
delete from lease_limit
where queue = :queue and job_key = :key and slots is null and queue_slots is null
  and coalesce(evenly, 0) <= {asof} and coalesce(closed_until, 0) <= {asof}
