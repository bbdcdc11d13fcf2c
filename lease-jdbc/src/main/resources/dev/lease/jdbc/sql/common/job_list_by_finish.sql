-- The places of the next jobs, the last finished first, for job_list.sql.
-- the values of the conditions, most
select place, ended
from (
  select place, ended
  from ({parts}) parts
  order by ended desc, place desc
  limit :most) part;

-- A part of the jobs: those of a queue that finished in one state. The index has them in that order.
select place, ended
from (
  select seq as place, finished_at as ended
  from lease_job {use lease_job_finished}
  where queue = {queue} and outcome = {outcome}
    and {range}
  order by finished_at desc, seq desc
  limit :most) part
