-- Reads a named lease [L21].
-- KEYS: lease
-- Answer: the clock, and the lease (expiry, token and owner in one text) if it is held.
local held = redis.call('GET', lease)
if held and now < tonumber(string.match(held, '^%d+')) then
  return {now, held}
end
return {now}
