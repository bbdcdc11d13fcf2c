-- Sets the end of leases that are held, without waiting for rows that a transaction has locked.
-- arrays: queue, id, token; duration (microseconds)

-- Each key is looked up on its own, and changed by its key: what the planner believes of how many are held plays no
-- part, nor which version of a row the statement sees.
with free as materialized (
  select s.ord, j.queue, j.id
  from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
  cross join lateral (
    select queue, id
    from lease_job
    where queue = s.queue and id = s.id and token = s.token and expires_at > {asof}
    for no key update skip locked) j
)
update lease_job j
set expires_at = {now} + :duration
from free
where j.queue = free.queue and j.id = free.id
returning free.ord, j.expires_at, j.cancel_requested;

-- Those that are held, for who was passed over: tells those that are locked from those that are lost.
select s.ord
from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
cross join lateral (
  select 1
  from lease_job
  where queue = s.queue and id = s.id and token = s.token and expires_at > {asof}
  offset 0) j
