-- Removes names that nobody has held for a while. A token that is ahead of the floor has to stay, because the next
-- token is derived from it.
-- age (microseconds), limit
delete from lease_lease
where expires_at <= {now} - :age and token <= (select token from lease_token_floor)
limit :limit
