-- Finds which jobs others see by now, also those that are finished, unless their rows are gone.
-- arrays: queue, id
select job.queue, job.id
from unnest(:queue, :id) as s(queue, id)
join lease_job job on job.queue = s.queue and job.id = s.id
