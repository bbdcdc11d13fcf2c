-- Settles a held job as retry or released. Finishes it if its cancellation was requested, or if it is to be retried and
-- this was its last failure.
-- one row: queue, id, token, givenBack (1 if the attempt does not count, else 0), delay, keep, error
update lease_job
set attempts = attempts - :givenBack, failures = failures + 1 - :givenBack,
    due_at = case when :givenBack = 1 and :delay = 0 then due_at else {now} + :delay end,
    outcome = case when {cancelled} then {CANCELLED}
      when :givenBack = 0 and failures + 1 >= max_failures then {FAILED} end,
    finished_at = case when {cancelled} or :givenBack = 0 and failures + 1 >= max_failures then {asof} end,
    kept_until = case when {cancelled} or :givenBack = 0 and failures + 1 >= max_failures
      then {asof} + {kept} end,
    expires_at = 0, cancel_requested = false, error = coalesce(:error, error)
where queue = :queue and id = :id and token = :token and expires_at <> 0
returning {ending}, outcome
