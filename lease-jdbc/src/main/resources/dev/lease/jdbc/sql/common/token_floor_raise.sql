-- Remembers the token of a deleted job, unless the clock has passed it.
-- token
update lease_token_floor
set token = :token
where token < :token and :token >= {now}
