delete from lease_job where queue = :queue and id = :idd
