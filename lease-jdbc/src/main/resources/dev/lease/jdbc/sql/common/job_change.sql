-- Changes a job that nobody holds. A null leaves a value as it is.
-- queue, id, dueAt, delay (microseconds), priority, attemptsLeft, payload
update lease_job
set due_at = coalesce(:dueAt, {now} + :delay, due_at),
    priority = coalesce(:priority, priority),
    max_attempts = coalesce(
      case when attempts > 2147483647 - :attemptsLeft then 2147483647 else attempts + :attemptsLeft end, max_attempts),
    payload = coalesce(:payload, payload)
where queue = :queue and id = :id and finished_at is null and expires_at = 0
