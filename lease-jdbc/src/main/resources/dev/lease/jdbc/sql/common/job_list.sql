-- Examines the next jobs of a list, and reads those that match. The last row is that of the last job that was
-- examined, with nulls if it does not match.
-- the values of the conditions, most (jobs to examine), limit (jobs to read)
select looked.place, looked.place_finished, looked.number, {columns}, {asof} as as_of
from (
  select places.place, job.finished_at as place_finished,
    case when {conditions} then 1 else 0 end as wanted,
    sum(case when {conditions} then 1 else 0 end) over (order by {order}) as nth,
    row_number() over (order by {order}) as number,
    lead(places.place) over (order by {order}) as following
  from ({places}) places
  join lease_job job on job.seq = places.place) looked
left join lease_job job on job.seq = looked.place and looked.wanted = 1 and looked.nth <= :limit
where looked.following is null or job.seq is not null
order by looked.number
