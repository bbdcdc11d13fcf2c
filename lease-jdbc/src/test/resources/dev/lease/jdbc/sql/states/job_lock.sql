select seq from lease_job where {state} = {PROCESING} and queue = :queue and id = :id and token = :token
