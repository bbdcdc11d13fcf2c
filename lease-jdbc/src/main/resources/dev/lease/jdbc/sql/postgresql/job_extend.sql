-- Sets the expiry of leases that are held. Does not wait for rows that a transaction has locked.
-- arrays: queue, id, token; duration (microseconds)

-- Looks each key up by itself, and updates the row by its key. So it does not matter how many held jobs the planner
-- expects, nor which version of a row the statement sees.
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

-- The leases that are held, out of those that were not extended: the rows of these are locked, the other leases are
-- lost.
select s.ord
from unnest(:queue, :id, :token) with ordinality as s(queue, id, token, ord)
cross join lateral (
  select 1
  from lease_job
  where queue = s.queue and id = s.id and token = s.token and expires_at > {asof}
  offset 0) j
