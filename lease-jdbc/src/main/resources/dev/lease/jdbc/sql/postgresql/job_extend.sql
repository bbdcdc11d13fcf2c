-- Sets the end of leases that are held, without waiting for rows that a transaction has locked: those come
-- back without an expiry. A lost lease does not come back.
-- arrays: queue, id, token; duration (microseconds)
with free as materialized (
  select j.ctid as place
  from unnest(:queue, :id, :token) as s(queue, id, token)
  join lease_job j on j.queue = s.queue and j.id = s.id and j.token = s.token and j.expires_at > {asof}
  for no key update of j skip locked
), extended as (
  update lease_job
  set expires_at = {now} + :duration
  where ctid = any(array(select place from free))
  returning queue, id, expires_at, cancel_requested
)
select s.ord, e.expires_at, e.cancel_requested
from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
join lease_job j on j.queue = s.queue and j.id = s.id and j.token = s.token and j.expires_at > {asof}
left join extended e on e.queue = j.queue and e.id = j.id
