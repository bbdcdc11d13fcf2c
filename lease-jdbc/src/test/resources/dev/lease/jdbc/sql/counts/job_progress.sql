select 1;
update lease_job set progress_percent = :percent
