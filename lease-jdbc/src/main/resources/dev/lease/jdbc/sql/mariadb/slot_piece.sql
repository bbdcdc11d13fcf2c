-- The next keys of a queue that have jobs on the shelf. The server skips from one to the next along the index: in a
-- recursion it would read all rows behind, and would end after a thousand steps without an error.
-- queue, after (a key, or ''), limit
select distinct job_key
from lease_job {use lease_job_key}
where queue = :queue and key_place = 1 and job_key > :after
order by job_key
limit :limit
