-- Removes names that nobody has held for a while. A token that is ahead of the clock has to stay, since
-- the next one is drawn from it.
-- age (microseconds), limit
delete from lease_lease
where expires_at <= {now} - :age and token <= {now} - :age
limit :limit
