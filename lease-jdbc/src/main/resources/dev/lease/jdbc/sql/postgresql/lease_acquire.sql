-- Acquires named leases that nobody holds. No row for one that is held.

-- One lease.
-- name, owner, duration (microseconds), note or null
insert into lease_lease (name, owner, token, expires_at, note)
values (:name, :owner, {greatest}({now}, (select token + 1 from lease_token_floor)), {now} + :duration, :note)
on conflict (name) do update
set owner = excluded.owner,
    token = {greatest}(lease_lease.token + 1, {now}, (select token + 1 from lease_token_floor)),
    expires_at = {now} + :duration,
    note = excluded.note
where lease_lease.expires_at <= {now}
returning name, owner, token, expires_at, note, expires_at - :duration as as_of;

-- Many leases, locked in their order. From the row offered for insertion, and the time of the statement, the update
-- computes how long the lease lasts, beginning after the wait for a lock. A new name gets its time from before the
-- waits for those ahead of it; the answer tells that time too.
-- arrays: name, owner, duration (microseconds), note or null
with taken as (
  insert into lease_lease (name, owner, token, expires_at, note)
  select name, owner, {greatest}({now}, (select token + 1 from lease_token_floor)), {asof} + duration, note
  from unnest(:name, :owner, :duration, :note) with ordinality as wanted(name, owner, duration, note, ord)
  order by ord
  on conflict (name) do update
  set owner = excluded.owner,
      token = {greatest}(lease_lease.token + 1, {now}, (select token + 1 from lease_token_floor)),
      expires_at = {now} + excluded.expires_at - {asof},
      note = excluded.note
  where lease_lease.expires_at <= {now}
  returning name, owner, token, expires_at, note
)
select taken.*, taken.expires_at - wanted.duration as as_of
from taken
join unnest(:name, :duration) as wanted(name, duration) on wanted.name = taken.name
