-- Ends jobs that are held, for good; answers the positions that it ended. The fence is the token and that the job is
-- held, in one expression, of which the planner has no statistics: from a table that was analysed while nothing was
-- held it would conclude that there is one such row, and look for that first, among all.
-- arrays: queue, id, token, outcome, keep (microseconds, the store's default), result, error
update lease_job j
set outcome = s.outcome, finished_at = {asof}, kept_until = {asof} + coalesce(j.keep, s.keep), expires_at = 0,
    cancel_requested = false, result = s.result, error = s.error
from unnest(:queue, :id, :token, :outcome, :keep, :result, :error)
  with ordinality as s(queue, id, token, outcome, keep, result, error, ord)
where j.queue = s.queue and j.id = s.id and case when j.expires_at <> 0 then j.token end = s.token
returning s.ord
