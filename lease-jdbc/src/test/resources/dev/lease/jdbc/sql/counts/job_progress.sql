delete from lease_checkpoint where queue = :queue;
delete from lease_job where queue = :queue and id = :id returning token
