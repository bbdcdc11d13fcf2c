-- Changes a job that nobody holds. A null leaves a value as it is.
-- queue, id, dueAt, delay (microseconds), priority, crashesLeft, failuresLeft, notAfter, notAfterDelay, payload
update lease_job
set due_at = coalesce(:dueAt, {now} + :delay, due_at),
    priority = case when :priority is null then priority when priority < 10 then :priority
      else priority - priority % 10 + 9 - :priority end,
    max_crashes = coalesce(
      case when attempts - failures > 2147483647 - :crashesLeft then 2147483647
        else attempts - failures + :crashesLeft end, max_crashes),
    max_failures = coalesce(
      case when failures > 2147483647 - :failuresLeft then 2147483647 else failures + :failuresLeft end, max_failures),
    not_after = coalesce(:notAfter, {now} + :notAfterDelay, not_after),
    payload = coalesce(:payload, payload)
where queue = :queue and id = :id and finished_at is null and expires_at = 0
