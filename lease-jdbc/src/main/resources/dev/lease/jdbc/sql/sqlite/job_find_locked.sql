-- Reads a job. The transaction has the lock of the whole database.
-- queue, id
select {job_columns}, {asof} as as_of
from lease_job
where queue = :queue and id = :id and {present}
