-- Remembers that a token was given, or the server's time once a minute. The floor is then the largest clock seen, so
-- that it seldom has to be raised for the job that a call removes.
-- token
update lease_token_floor
set token = {greatest}(:token, {now})
where token < :token
