-- Takes a named lease if nobody holds it [L01-L06].
-- KEYS: the lease, the names by expiry, the names in order, the last token.
-- ARGV: name, owner, ttl.
-- Answer: the clock, token and expiry; none if it is held.
local name, owner, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = redis.call('GET', KEYS[1])
if held then
  if now < tonumber(string.match(held, '^%d+')) then
    return {}
  end
  redis.call('DEL', KEYS[1])
end
local token = math.max(tonumber(redis.call('GET', KEYS[4]) or 0) + 1, now)
local expiry = now + ttl
local value = string.format('%.0f %.0f ', expiry, token) .. owner
-- Redis itself drops the key when it is of no use any more: what counts is the expiry in the value.
redis.call('SET', KEYS[1], value, 'NX', 'PX', string.format('%.0f', math.ceil(ttl / 1000) + 60000))
redis.call('SET', KEYS[4], string.format('%.0f', token))
redis.call('ZADD', KEYS[2], expiry, name)
redis.call('ZADD', KEYS[3], 0, name)
for _, gone in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 10)) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
return {now, token, expiry}
