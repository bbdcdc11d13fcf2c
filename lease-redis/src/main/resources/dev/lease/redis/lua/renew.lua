-- Renews a named lease that is held [L08-L12].
-- KEYS: lease byExpiry lastToken
-- ARGV: name, owner, token, lease duration, the note if it is a new one.
-- Answer: the clock, the expiry and the note if there is one; empty if the lease is lost.
-- Bound: one name.
local name, owner, token, duration = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local A_MINUTE = 60000000
local held, last = unpack(redis.call('MGET', lease, lastToken))
if now - tonumber(last or 0) >= A_MINUTE then
  -- The last token is never far behind the clock: a failover that loses grants then loses little of it [policy 2].
  redis.pcall('SET', lastToken, string.format('%.0f', now))
end
local mine = token .. ' ' .. owner
local grant, note = string.match(held or '', '^%d+ ([^%z]*)(.*)$') -- the note begins with a zero
if grant ~= mine or now >= tonumber(string.match(held, '^%d+')) then
  return {}
end
note = ARGV[5] and '\0' .. ARGV[5] or note
local expiry = now + duration
local value = string.format('%.0f ', expiry) .. mine .. note
redis.call('ZREM', byExpiry, '') -- as evenIfFull in lib/jobs.lua
redis.call('SET', lease, value, 'PX', string.format('%.0f', math.ceil(duration / 1000) + 60000))
redis.call('ZADD', byExpiry, expiry, name)
return {now, expiry, note ~= '' and string.sub(note, 2) or nil}
