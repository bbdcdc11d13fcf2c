-- Sets or removes a limit [Q68].
-- USES: slots
-- KEYS: meta limited
-- ARGV: the field in "limits", see lib/slots.lua: a key, '' for every key, or a zero byte for the queue; the limit, or ''
--       to remove it.
-- Bound: one limit; claims look at the keys that it may free slots of. Each of them looks at the line anyway.
local field, text = unpack(ARGV)
local _, shelf, _, coming, limits = unpack(keyed)
evenIfFull(limited)
redis.call('HSETNX', meta, 'seq', 0) -- a process relies on the name of the queue, see lib/idle.lua
local isNew = text ~= (redis.call('HGET', limits, field) or '')
if text ~= '' then
  redis.call('HSET', limits, field, text)
else
  redis.call('HDEL', limits, field)
end
local isOfKey = field ~= '' and field ~= '\0'
if isOfKey and text ~= '' then
  redis.call('ZADD', limited, 0, field)
elseif isOfKey then
  redis.call('ZREM', limited, field)
end
if isNew and field ~= '\0' then
  local last = isOfKey and '(' .. field .. '\1' or '+'
  if redis.call('ZRANGE', shelf, '[' .. field, last, 'BYLEX', 'LIMIT', 0, 1)[1] then
    redis.call('ZADD', coming, 0, field .. '\0')
  end
end
return {1}
