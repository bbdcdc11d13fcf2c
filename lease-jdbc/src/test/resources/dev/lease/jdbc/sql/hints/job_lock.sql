select seq from lease_job {use lease_job_redy} where queue = :queue and id = :id and token = :token
