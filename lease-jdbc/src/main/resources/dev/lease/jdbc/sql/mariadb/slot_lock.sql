-- Locks the rows that stand for keys, until the transaction ends, in one order for all.
-- found (buckets)

-- Those that others have locked are left out: whoever calls it may have jobs locked that the others wait for.
select bucket
from lease_key_lock {use primary}
where bucket in ({found})
order by bucket
for update skip locked;

-- Waits for them.
select bucket
from lease_key_lock {use primary}
where bucket in ({found})
order by bucket
for update
