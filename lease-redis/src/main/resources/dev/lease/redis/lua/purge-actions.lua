-- Removes the oldest records of what operators did, if they are old enough.
-- USES: actions
-- ARGV: how long ago they were made at least; the most records.
-- Answer: how many it removed.
-- Bound: the most records; the caller gives 1,000 at most.
local old = redis.call('ZRANGE', actions, '-inf', now - ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
forgetActions(old)
return {#old}
