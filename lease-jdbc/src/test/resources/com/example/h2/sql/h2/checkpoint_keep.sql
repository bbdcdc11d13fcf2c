merge into lease_checkpoint as kept
using (values (cast(:queue as varchar), cast(:id as varchar), cast(:step as varchar), cast(:value as varchar)))
  as new (queue, job_id, step, value)
on kept.queue = new.queue and kept.job_id = new.job_id and kept.step = new.step
when not matched then insert (queue, job_id, step, value, kept_at)
  values (new.queue, new.job_id, new.step, new.value, {now})
