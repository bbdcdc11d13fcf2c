-- Raises the guard of a resource to a token, and locks it for the rest of the transaction; answers with the largest
-- token that it has seen before.
-- resource, queue, name, token

-- In a transaction of the store's own, since several that wait for the insert of one that then rolls back would end
-- in a deadlock. It waits for nobody who has locked the guard.
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

update lease_fence force index (primary)
set token = :token, used_on = {now} - {now} % 86400000000
where resource = :resource and queue = :queue and name = :name
