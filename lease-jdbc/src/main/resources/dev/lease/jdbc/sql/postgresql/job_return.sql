-- Settles held jobs as retry or released. Finishes those whose cancellation was requested, and those to retry whose
-- last failure this was. Returns the positions of those that it changed, and their keys. The token is checked as in job_finish.sql.
-- arrays: queue, id, token, givenBack (1 if the attempt does not count, else 0), delay, keep, error
update lease_job j
set attempts = attempts - s.given_back, failures = failures + 1 - s.given_back,
    due_at = case when s.given_back = 1 and s.delay = 0 then due_at else {now} + s.delay end,
    outcome = case when {cancelled} then {CANCELLED}
      when s.given_back = 0 and failures + 1 >= max_failures then {FAILED} end,
    finished_at = case when {cancelled} or s.given_back = 0 and failures + 1 >= max_failures then {asof} end,
    kept_until = case when {cancelled} or s.given_back = 0 and failures + 1 >= max_failures
      then {asof} + {greatest}(coalesce(j.keep, s.keep), {least_kept}) end,
    expires_at = 0, cancel_requested = false, error = coalesce(s.error, j.error)
from unnest(:queue, :id, :token, :givenBack, :delay, :keep, :error)
  with ordinality as s(queue, id, token, given_back, delay, keep, error, ord)
where j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
returning s.ord, {ending}, j.outcome
