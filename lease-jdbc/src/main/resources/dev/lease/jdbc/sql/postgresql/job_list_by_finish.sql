-- The next jobs, the last finished first, for job_list.sql.
-- the values of the conditions, most
(select *
from ({parts}) parts
order by finished_at desc, seq desc
limit :most);

-- A part of the jobs: those of a queue that finished in one state. An index has them in that order.
(select job.*
from lease_job job
where queue = {queue} and outcome = {outcome}
  and {range}
order by finished_at desc, seq desc
limit :most)
