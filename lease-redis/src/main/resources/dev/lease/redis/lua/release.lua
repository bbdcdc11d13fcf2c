-- Releases a named lease that is held [L13-L15].
-- KEYS: lease byExpiry byName
-- ARGV: name, owner, token.
-- Answer: 1, or 0 if the lease is lost.
-- Bound: one name.
local name, owner, token = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('GET', lease)
if not held or string.match(held, '^%d+ ([^%z]*)') ~= token .. ' ' .. owner or now >= tonumber(string.match(held, '^%d+')) then
  return {0}
end
redis.call('DEL', lease)
redis.call('ZREM', byExpiry, name)
redis.call('ZREM', byName, name)
return {1}
