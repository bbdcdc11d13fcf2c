-- Takes a named lease that nobody holds; no row if it is held.
-- name, owner, ttl (microseconds)
insert into lease_lease (name, owner, token, expires_at)
values (:name, :owner, {now}, {now} + :ttl)
on conflict (name) do update
set owner = excluded.owner,
    token = {greatest}(lease_lease.token + 1, {now}),
    expires_at = {now} + :ttl
where lease_lease.expires_at <= {now}
returning name, owner, token, expires_at, expires_at - :ttl as as_of
