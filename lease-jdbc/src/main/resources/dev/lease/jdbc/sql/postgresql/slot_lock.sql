-- Locks the rows that stand for keys, until the transaction ends, in one order for all.

-- Those that others have locked are left out: whoever calls it may have jobs locked that the others wait for.
-- arrays: bucket
select bucket
from lease_key_lock
where bucket = any(:bucket)
order by bucket
for no key update skip locked;

-- Waits for them.
-- arrays: bucket
select bucket
from lease_key_lock
where bucket = any(:bucket)
order by bucket
for no key update
