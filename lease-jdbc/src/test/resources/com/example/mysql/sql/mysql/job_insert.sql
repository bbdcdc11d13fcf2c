-- MySQL has no "returning".
insert ignore into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes,
  max_failures, not_after, dedup_until, created_at)
values {rows:(:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {asof} + :delay), :dedupKey, :keep,
  :maxCrashes, :maxFailures, coalesce(:notAfter, {asof} + :notAfterDelay), {asof} + :dedupFor, {asof})};

(select bucket as queue, null as dedup_key
from lease_key_lock {use primary}
where bucket in ({found})
order by bucket
limit 1000
for update)
union all
(select queue, dedup_key
from lease_job {use lease_job_dedup}
where (queue, dedup_key) in ({keys}) and keyed = 1 and (live = 1 or dedup_until > {asof}));

-- The jobs that the insert has made. It took one block of numbers, and the first that it used is known: the jobs that
-- others have made meanwhile under the same ids have larger numbers than all of its own.
select queue, id
from lease_job {use lease_job_id}
where (queue, id) in ({keys}) and seq >= last_insert_id()
order by seq
limit {made}
