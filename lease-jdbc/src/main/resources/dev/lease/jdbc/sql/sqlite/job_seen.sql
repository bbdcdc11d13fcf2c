-- Finds which jobs others see by now, also those that are finished, unless their rows are gone.
-- many rows: queue, id
select queue, id
from lease_job
where (queue, id) in (values {keys})
