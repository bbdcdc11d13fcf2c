-- Of some jobs those whose rows others have not locked. It locks them until the transaction ends.
-- arrays: queue, id
select j.queue, j.id
from unnest(:queue, :id) as s(queue, id)
join lease_job j on j.queue = s.queue and j.id = s.id
for no key update of j skip locked
