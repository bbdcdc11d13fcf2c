-- Acquires a named lease that nobody holds. No row if it is held.
-- name, owner, duration (microseconds), note or null
insert into lease_lease (name, owner, token, expires_at, note)
values (:name, :owner, {greatest}({now}, (select token + 1 from lease_token_floor)), {now} + :duration, :note)
on conflict (name) do update
set owner = excluded.owner,
    token = {greatest}(lease_lease.token + 1, {now}, (select token + 1 from lease_token_floor)),
    expires_at = {now} + :duration,
    note = excluded.note
where lease_lease.expires_at <= {now}
returning name, owner, token, expires_at, note, expires_at - :duration as as_of
