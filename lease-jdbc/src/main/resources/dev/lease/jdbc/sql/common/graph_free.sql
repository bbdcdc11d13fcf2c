-- Of some jobs those whose rows others have not locked. It locks them until the transaction ends.
-- keys: queue, id
select queue, id
from lease_job
where (queue, id) in ({keys})
{skip_locked}
