-- Writes the value of a step, unless it has one.
-- queue, id, step, value
insert into lease_checkpoint (queue, job_id, step, value, kept_at)
values (:queue, :id, :step, :value, {now})
on conflict (queue, job_id, step) do nothing
