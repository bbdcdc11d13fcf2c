-- Acquires a named lease if nobody holds it [L01-L06].
-- KEYS: lease byExpiry byName lastToken
-- ARGV: name, owner, lease duration, the note if there is one.
-- Answer: the clock, the token and the expiry; empty if the lease is held.
-- Bound: one name, and ten whose leases have expired.
local A_MINUTE = 60000000
local name, owner, duration = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held, last = unpack(redis.call('MGET', lease, lastToken))
last = tonumber(last or 0)
if held then
  if now < tonumber(string.match(held, '^%d+')) then
    if now - last >= A_MINUTE then
      redis.pcall('SET', lastToken, string.format('%.0f', now)) -- as in renew.lua
    end
    return {}
  end
  redis.call('DEL', lease)
end
local token = math.max(last + 1, now)
local expiry = now + duration
local value = string.format('%.0f %.0f ', expiry, token) .. owner .. (ARGV[4] and '\0' .. ARGV[4] or '')
-- Redis removes the key some time after the lease has expired. Until then the expiry in the value counts.
redis.call('SET', lease, value, 'NX', 'PX', string.format('%.0f', math.ceil(duration / 1000) + 60000))
redis.call('SET', lastToken, string.format('%.0f', token))
redis.call('ZADD', byExpiry, expiry, name)
redis.call('ZADD', byName, 0, name)
for _, gone in ipairs(redis.call('ZRANGE', byExpiry, '-inf', now, 'BYSCORE', 'LIMIT', 0, 10)) do
  redis.call('ZREM', byExpiry, gone)
  redis.call('ZREM', byName, gone)
end
return {now, token, expiry}
