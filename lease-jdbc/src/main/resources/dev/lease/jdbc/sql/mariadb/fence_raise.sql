-- Raises the guard of a resource to a token, and locks it until the transaction ends. Returns the largest token that
-- the guard had seen before.
-- resource, queue, name, token

-- Makes the guard, in a transaction of the store's own: transactions that wait for an insert that is rolled back
-- would end in a deadlock. It does not wait for a transaction that has locked the guard.
insert ignore into lease_fence (resource, queue, name, token, used_on)
select :resource, :queue, :name, 0, {now} - {now} % 86400000000
from dual
where not exists (
  select 1 from lease_fence
  where resource = :resource and queue = :queue and name = :name);

select token
from lease_fence
where resource = :resource and queue = :queue and name = :name
for update;

update lease_fence {use primary}
set token = :token, used_on = {now} - {now} % 86400000000
where resource = :resource and queue = :queue and name = :name
