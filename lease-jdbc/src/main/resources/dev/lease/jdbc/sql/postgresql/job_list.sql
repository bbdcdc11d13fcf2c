-- Examines the next jobs of a list, and reads those that match. The last row is that of the last job that was
-- examined, with nulls if it does not match.
-- the values of the conditions, most (jobs to examine), limit (jobs to read)
select looked.place, looked.place_finished, looked.number, job.*
from (
  select found.*, found.seq as place, found.finished_at as place_finished,
    {conditions} as wanted,
    count(*) filter (where {conditions}) over along as nth,
    row_number() over along as number,
    lead(seq) over along as following
  from ({places}) found
  window along as (order by {order})) looked
left join lateral (select {columns}, {asof} as as_of) job on looked.wanted and looked.nth <= :limit
where looked.following is null or job.seq is not null
order by looked.number
