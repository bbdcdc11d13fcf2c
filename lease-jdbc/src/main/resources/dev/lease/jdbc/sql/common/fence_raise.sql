-- Raises the guard of a resource to a token, and locks it until the transaction ends. Returns the largest token that
-- the guard has seen. The time stands still in the statement: a day that moved would be written at each use.
-- resource, queue, name, token
insert into lease_fence (resource, queue, name, token, used_on)
values (:resource, :queue, :name, {greatest}(:token, 0), {asof} - {asof} % 86400000000)
on conflict (resource, queue, name) do update
set token = {greatest}(lease_fence.token, excluded.token), used_on = excluded.used_on
returning token
