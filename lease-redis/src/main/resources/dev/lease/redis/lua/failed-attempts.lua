-- Reads the last failed attempts of a job [Q57].
-- KEYS: failures
-- ARGV: id.
-- Answer: what noteFailure in moves.lua keeps, if there is any.
return {redis.call('HGET', failures, ARGV[1]) or nil}
