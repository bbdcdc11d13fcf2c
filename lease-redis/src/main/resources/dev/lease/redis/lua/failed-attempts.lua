-- Reads the last failed attempts of a job [Q57].
-- KEYS: failures
-- ARGV: id.
-- Answer: the text that noteFailure in lib/moves.lua writes, if there is one.
-- Bound: one job.
return {redis.call('HGET', failures, ARGV[1]) or nil}
