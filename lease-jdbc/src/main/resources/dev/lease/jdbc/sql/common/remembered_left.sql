-- Whether any job between two ids has steps or failed attempts: 1 or 0.
-- queue, firstId, lastId
select case
  when exists (select 1 from lease_checkpoint where queue = :queue and job_id between :firstId and :lastId)
    or exists (select 1 from lease_attempt where queue = :queue and job_id between :firstId and :lastId)
  then 1 else 0 end
