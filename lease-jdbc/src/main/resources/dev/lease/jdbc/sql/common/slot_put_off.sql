-- A job with a key that nobody holds, and what of its limits says where it is to be.
-- queue, id
select job.seq, job.priority, job.due_at, job.job_key, job.due_at <= {asof} as due,
  coalesce(own.in_order, every.in_order) as in_order, every.queue_slots is not null as of_queue
from lease_job job
left join lease_limit own on own.queue = job.queue and own.job_key = job.job_key and own.slots is not null
left join lease_limit every on every.queue = job.queue and every.job_key = ''
where job.queue = :queue and job.id = :id and job.job_key is not null and job.finished_at is null and job.expires_at = 0
  and job.priority not between 20 and 29
