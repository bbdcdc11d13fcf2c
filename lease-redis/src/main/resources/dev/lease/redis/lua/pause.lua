-- Pauses a queue [Q21].
-- USES: actions
-- KEYS: meta
-- ARGV: act, see lib/actions.lua.
-- Bound: one queue.
redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
if redis.call('HSET', meta, 'paused', 1) == 1 then
  record(ARGV[1], 1)
end
return {1}
