-- Sets the limit of a key, or removes it: nulls. The key '' stands for every key that has none of its own.
-- queue, key, slots, inOrder, starts, period (microseconds), burst
insert into lease_limit (queue, job_key, slots, in_order, starts, period, burst)
values (:queue, :key, :slots, :inOrder, :starts, :period, :burst)
on conflict (queue, job_key) do update
set slots = excluded.slots, in_order = excluded.in_order, starts = excluded.starts, period = excluded.period,
    burst = excluded.burst
