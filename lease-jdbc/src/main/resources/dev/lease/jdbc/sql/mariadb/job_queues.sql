-- Reads the names of the queues that have rows. The server skips from one to the next along the index: in a recursion
-- it would read all rows behind, and would end after a thousand steps without an error.
select distinct queue
from lease_job {use lease_job_id}
