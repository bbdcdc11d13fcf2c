-- H2 plans a subquery again for each one around it, and may return an old result of a part with a limit of its own. So
-- the parts have none, and are sorted together: a page reads all finished jobs of its queues.
select place, ended
from ({parts}) parts
order by ended desc, place desc
limit :most;

select seq as place, finished_at as ended
from lease_job
where queue = {queue} and outcome = {outcome}
  and {range}
