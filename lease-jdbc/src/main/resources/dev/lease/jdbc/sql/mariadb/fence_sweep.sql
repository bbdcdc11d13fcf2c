-- Removes guards that nobody has used for a while, except those that a transaction has locked.
-- age (microseconds), limit
select seq, token
from lease_fence {use lease_fence_used}
where used_on <= {asof} - :age
order by used_on
limit :limit
for update skip locked;

-- This form of delete, for several tables, is the only one that takes an index hint. Without the hint the server
-- would read all of a small table, and wait for rows that others have locked.
delete lease_fence
from lease_fence {use lease_fence_seq}
where seq in ({found})
