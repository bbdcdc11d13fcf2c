-- Sets the limit of a key, or removes it: nulls. The key '' stands for every key that has none of its own.
-- queue, key, slots, inOrder, starts, period (microseconds), burst
insert into lease_limit (queue, job_key, slots, in_order, starts, period, burst)
values (:queue, :key, :slots, :inOrder, :starts, :period, :burst)
on duplicate key update slots = values(slots), in_order = values(in_order), starts = values(starts),
  period = values(period), burst = values(burst)
