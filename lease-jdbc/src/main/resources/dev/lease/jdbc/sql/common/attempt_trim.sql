-- Removes all failed attempts of a job but the last ones.
-- queue, id, kept (how many stay)
delete from lease_attempt
where queue = :queue and job_id = :id and token <= (
  select token from (
    select token
    from lease_attempt
    where queue = :queue and job_id = :id
    order by token desc
    limit 1 offset :kept) last_gone)
