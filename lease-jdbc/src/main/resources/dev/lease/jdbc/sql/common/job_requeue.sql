-- Gives a failed or cancelled job a new set of attempts, without a deadline, unless another job has its dedup
-- key. One of a graph waits: its part lets it go if it waits for nothing itself.
-- queue, id, delay (microseconds, until it is due), simple (1 if it leaves one that has a key or is of a graph)
update lease_job
set outcome = null, finished_at = null, kept_until = null, result = null,
    attempts = 0, failures = 0, not_after = null, expires_at = 0, cancel_requested = false, due_at = {now} + :delay,
    priority = {requeued_place}
where queue = :queue and id = :id and outcome in ({FAILED}, {CANCELLED})
  and (:simple = 0 or dedup_key is null and not {has_ending})
  and not exists (
    select 1 from lease_job holder
    where holder.queue = lease_job.queue and holder.dedup_key = lease_job.dedup_key and holder.id <> lease_job.id
      and {keyed} and (finished_at is null or dedup_until > {asof}))
