-- Resumes a paused queue [Q21].
-- USES: actions
-- KEYS: meta work
-- ARGV: act, see lib/actions.lua.
-- Bound: one queue.
if redis.call('HDEL', meta, 'paused') == 1 then
  record(ARGV[1], 1)
end
redis.pcall('PUBLISH', work, '')
return {1}
