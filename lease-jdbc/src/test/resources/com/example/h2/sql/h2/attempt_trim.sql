select queue, job_id, token
from (
  select queue, job_id, token, row_number() over (partition by queue, job_id order by token desc) as place
  from lease_attempt
  where (queue, job_id) in ({keys})) numbered
where place > {last};

delete from lease_attempt
where queue = :queue and job_id = :id and token = :token
