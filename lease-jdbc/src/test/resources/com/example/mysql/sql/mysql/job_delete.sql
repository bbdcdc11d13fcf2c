select seq, token, {present} as present
from lease_job {use lease_job_id}
where queue = :queue and id = :id
for update;

delete lease_job
from lease_job {use primary}
where seq in ({found})
