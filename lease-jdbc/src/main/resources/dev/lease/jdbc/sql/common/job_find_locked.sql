-- Reads a job and locks its row, until the transaction ends.
-- queue, id
select {job_columns}, {asof} as as_of
from lease_job
where queue = :queue and id = :id and {present}
{lock}
