-- One insert at a time. If another transaction is in its way, H2 makes a query anew, and does not take back what the
-- query has inserted before: it would then meet its own jobs.
select queue, id
from final table (
  insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes,
    max_failures, not_after, dedup_until, created_at)
  select queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures, not_after,
    dedup_until, {asof}
  from (
    select numbered.*, row_number() over (partition by queue, dedup_key order by place) as nth
    from (
      select rownum() as place, made.*
      from (values {rows:(cast(:queue as varchar), cast(:id as varchar), cast(:type as varchar),
        cast(:payload as varchar), cast(:headers as varchar), cast(:priority as tinyint),
        coalesce(cast(:dueAt as bigint), {asof} + cast(:delay as bigint)), cast(:dedupKey as varchar),
        cast(:keep as bigint), cast(:maxCrashes as integer), cast(:maxFailures as integer),
        coalesce(cast(:notAfter as bigint), {asof} + cast(:notAfterDelay as bigint)),
        {asof} + cast(:dedupFor as bigint))})
        as made (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_crashes, max_failures,
          not_after, dedup_until)) numbered) new
    cross join (select count(*) from final table (update lease_key_lock set bucket = bucket where bucket = 0)) alone
  where (dedup_key is null or nth = 1)
    and not exists (
      select 1 from lease_job job
      where job.queue = new.queue and (job.id = new.id or job.dedup_key = new.dedup_key and job.keyed = 1))
  order by place);

select cast(bucket as varchar) as queue, null as dedup_key
from final table (update lease_key_lock set bucket = bucket where bucket in ({found}))
union all
select queue, dedup_key
from lease_job
where (queue, dedup_key) in ({keys}) and keyed = 1 and (live = 1 or dedup_until > {asof})
