-- Removes finished jobs whose time to be kept has run out, and forgets ids.
-- queue, limit
delete from lease_job
where seq in (
  select seq from lease_job
  where queue = :queue and kept_until <= {now}
  order by kept_until
  limit :limit)
returning id, token
