-- Settles held jobs as retry or released. Finishes those whose cancellation was requested, and those to retry whose
-- last failure this was. In MariaDB each assignment sees the ones before it.
-- keys: queue, id, token; then givenBack (1 if the attempt does not count, else 0), delay, keep, error
select seq, queue, id, token, {ending}, outcome
from lease_job {use lease_job_id}
where (queue, id, token) in ({keys}) and expires_at <> 0
for update;

update lease_job {use primary}
set due_at = case when :givenBack = 1 and :delay = 0 then due_at else {now} + :delay end,
    outcome = case when {cancelled} then {CANCELLED}
      when :givenBack = 0 and failures + 1 >= max_failures then {FAILED} end,
    finished_at = case when {cancelled} or :givenBack = 0 and failures + 1 >= max_failures then {asof} end,
    kept_until = case when {cancelled} or :givenBack = 0 and failures + 1 >= max_failures
      then {asof} + {kept} end,
    attempts = attempts - :givenBack, failures = failures + 1 - :givenBack,
    expires_at = 0, cancel_requested = false, error = coalesce(:error, error)
where seq in ({found})
