-- Forgets what was noted of keys, which are locked. Whoever has committed such a note has committed its jobs too, and the
-- next statement sees them.
-- arrays: queue, key; most (notes)
with noted as materialized (
  select note.queue, note.job_key, note.seq
  from unnest(:queue, :key) as s(queue, job_key)
  cross join lateral (
    select queue, job_key, seq
    from lease_arrival
    where queue = s.queue and job_key = s.job_key
    order by seq
    limit :most) note
  limit :most
)
delete from lease_arrival a
using noted n
where a.queue = any(array[n.queue]) and a.job_key = any(array[n.job_key]) and a.seq = any(array[n.seq])
