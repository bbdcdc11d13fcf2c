-- Stores a job unless its id or its dedup key is taken. The token is for processes of the version before, whose claims
-- do not look at the floor.
-- one row: queue, id, type, payload, headers, priority, dueAt (or null), delay, dedupKey, keep, maxAttempts
insert into lease_job (queue, id, type, payload, headers, priority, due_at, dedup_key, keep, max_attempts, created_at,
  token)
values (:queue, :id, :type, :payload, :headers, :priority, coalesce(:dueAt, {now} + :delay), :dedupKey, :keep,
  :maxAttempts, {now}, (select token from lease_token_floor))
on conflict do nothing
