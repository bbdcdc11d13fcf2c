-- Reads a named lease [L21].
-- KEYS: lease
-- Answer: the clock, and the lease if it is held: expiry, token, owner and note in one text.
-- Bound: one name.
local held = redis.call('GET', lease)
if held and now < tonumber(string.match(held, '^%d+')) then
  return {now, held}
end
return {now}
