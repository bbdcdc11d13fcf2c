merge into lease_fence as guard
using (values (cast(:resource as varchar), cast(:queue as varchar), cast(:name as varchar)))
  as new (resource, queue, name)
on guard.resource = new.resource and guard.queue = new.queue and guard.name = new.name
when not matched then insert (resource, queue, name, token, used_on)
  values (new.resource, new.queue, new.name, 0, {now} - {now} % 86400000000);

select token
from lease_fence
where resource = :resource and queue = :queue and name = :name
for update;

update lease_fence
set token = :token, used_on = {now} - {now} % 86400000000
where resource = :resource and queue = :queue and name = :name
