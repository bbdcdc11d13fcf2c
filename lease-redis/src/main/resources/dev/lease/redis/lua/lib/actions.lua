-- Records what operators do [Q88].
-- KEYS: actions actionTexts

-- The set "actions" has the keys of the records, by their times. The times grow, so that they also say where a page of
-- a list ends. The hash "actionTexts" has what was done: operator, reason, kind, id, what and the number of jobs, each
-- but the last followed by a zero byte.
local MOST_ACTIONS = 10000

-- Removes records, given by their keys.
local function forgetActions(keys)
  if #keys > 0 then
    redis.call('ZREM', actions, unpack(keys))
    redis.call('HDEL', actionTexts, unpack(keys))
  end
end

-- Records that jobs were changed. "act" is the key and the text up to the number, or '' if nobody is to be recorded.
-- The jobs of a piece come with the same key: they have one record.
local function record(act, changed)
  local key, text = string.match(act, '^(%Z*)%z(.*)$')
  if not key then
    return
  end
  local first, count = string.match(redis.call('HGET', actionTexts, key) or '', '^(.*%z)(%d+)$')
  redis.call('HSET', actionTexts, key, (first or text) .. string.format('%.0f', (count or 0) + changed))
  if not first then
    local last = redis.call('ZRANGE', actions, -1, -1, 'WITHSCORES')[2]
    redis.call('ZADD', actions, math.max(now, (last or 0) + 1), key)
    forgetActions(redis.call('ZRANGE', actions, 0, -1 - MOST_ACTIONS))
  end
end
