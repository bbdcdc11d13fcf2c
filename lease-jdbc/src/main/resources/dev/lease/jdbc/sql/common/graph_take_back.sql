-- Lets a job wait again that was cancelled since a part before it failed, unless another job has its dedup key.
-- one row: queue, id, graph
update lease_job
set outcome = null, finished_at = null, kept_until = null, error = null, priority = priority - 30
where queue = :queue and id = :id and graph = :graph and priority + 0 between 50 and 59 and outcome = {CANCELLED}
  and not exists (
    select 1 from lease_job holder
    where holder.queue = lease_job.queue and holder.dedup_key = lease_job.dedup_key and holder.id <> lease_job.id
      and {keyed} and (finished_at is null or dedup_until > {now}))
