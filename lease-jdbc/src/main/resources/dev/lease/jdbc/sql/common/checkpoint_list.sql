-- Reads the checkpoints of a job that is held. No row if the lease is lost; one row with a null step if there are no
-- checkpoints.
-- queue, id, token
select c.step, c.value
from lease_job j
left join lease_checkpoint c on c.queue = j.queue and c.job_id = j.id
where j.queue = :queue and j.id = :id and j.token = :token and j.expires_at <> 0
order by c.seq
