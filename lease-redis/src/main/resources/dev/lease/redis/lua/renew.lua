-- Renews a named lease that is held [L08-L12].
-- KEYS: lease byExpiry lastToken
-- ARGV: name, owner, token, lease duration.
-- Answer: the clock and the expiry; empty if the lease is lost.
local name, owner, token, duration = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local A_MINUTE = 60000000
local held, last = unpack(redis.call('MGET', lease, lastToken))
if now - tonumber(last or 0) >= A_MINUTE then
  -- The last token is never far behind the clock: a failover that loses grants then loses little of it [policy 2].
  redis.pcall('SET', lastToken, string.format('%.0f', now))
end
local mine = token .. ' ' .. owner
if not held or string.match(held, '^%d+ (.*)$') ~= mine or now >= tonumber(string.match(held, '^%d+')) then
  return {}
end
local expiry = now + duration
redis.call('ZREM', byExpiry, '') -- as evenIfFull in lib/jobs.lua
redis.call('SET', lease, string.format('%.0f ', expiry) .. mine, 'PX', string.format('%.0f', math.ceil(duration / 1000) + 60000))
redis.call('ZADD', byExpiry, expiry, name)
return {now, expiry}
