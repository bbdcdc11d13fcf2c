-- Closes a key for a time. The key is locked.
-- queue, key, delay (microseconds)
insert into lease_limit (queue, job_key, closed_until)
values (:queue, :key, {now} + :delay)
on conflict (queue, job_key) do update
set closed_until = excluded.closed_until;

-- The jobs that have a slot of the key, and that nobody holds, start then. So they need no slot of the queue before.
-- queue, key
update lease_job
set due_at = (select closed_until from lease_limit where queue = :queue and job_key = :key),
    priority = case
      when priority < 10 and exists (
          select 1 from lease_limit where queue = :queue and job_key = '' and queue_slots is not null)
        then 39 - priority
      else priority end
where queue = :queue and job_key = :key and priority / 10 in (0, 3) and expires_at = 0 and {key_open}
  and due_at < (select closed_until from lease_limit where queue = :queue and job_key = :key)
