select seq, token
from lease_fence
where used_on <= {asof} - :age
order by used_on
limit :limit
for update skip locked;

delete from lease_fence
where seq in ({found})
