-- MySQL refuses an update with a subquery on the same table: the job is joined with the one that has its key.
update lease_job job {use lease_job_id}
left join lease_job holder {use lease_job_dedup}
  on holder.queue = job.queue and holder.dedup_key = job.dedup_key and holder.keyed = 1 and holder.id <> job.id
  and (holder.finished_at is null or holder.dedup_until > {asof})
set job.outcome = null, job.finished_at = null, job.kept_until = null, job.result = null, job.attempts = 0,
    job.failures = 0, job.not_after = null, job.expires_at = 0, job.cancel_requested = false,
    job.due_at = {now} + :delay
where job.queue = :queue and job.id = :id and job.outcome in ({FAILED}, {CANCELLED}) and (:simple = 0 or job.dedup_key is null)
  and holder.seq is null
