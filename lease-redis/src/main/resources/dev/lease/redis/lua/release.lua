-- Frees a named lease that is held [L13-L15].
-- KEYS: the lease, the names by expiry, the names in order.
-- ARGV: name, owner, token.
-- Answer: 1, or 0 if the lease is lost.
local name, owner, token = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%d+ (.*)$') ~= token .. ' ' .. owner or now >= tonumber(string.match(held, '^%d+')) then
  return {0}
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], name)
redis.call('ZREM', KEYS[3], name)
return {1}
