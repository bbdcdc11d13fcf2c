-- Sets the expiry of a lease that is held. No row if the lease is lost.
-- queue, id, token, duration (microseconds)
update lease_job
set expires_at = {now} + :duration
where queue = :queue and id = :id and token = :token and expires_at > {now}
returning expires_at, cancel_requested
