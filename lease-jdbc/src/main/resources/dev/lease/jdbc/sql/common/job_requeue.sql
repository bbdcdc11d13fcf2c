-- Gives a failed or cancelled job a fresh set of attempts, unless its dedup key is taken.
-- queue, id
update lease_job
set outcome = null, finished_at = null, kept_until = null, result = null,
    attempts = 0, expires_at = 0, cancel_requested = false, due_at = {now}
where queue = :queue and id = :id and outcome in ({FAILED}, {CANCELLED})
  and not exists (
    select 1 from lease_job holder
    where holder.queue = lease_job.queue and holder.dedup_key = lease_job.dedup_key
      and holder.{live})
