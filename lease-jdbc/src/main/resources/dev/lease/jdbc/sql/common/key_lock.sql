-- Locks the rows that stand for the queues of dedup keys, in one order, until the transaction ends.
-- found (buckets)
select bucket
from lease_key_lock
where bucket in ({found})
order by bucket
for update
