-- Remembers the ids of jobs that were removed before their time: a repeated enqueue means the same job [Q02].
-- KEYS: meta remembered rememberedBefore

-- The ids have no times of their own. The set "remembered" has those of the current span of time, and
-- "rememberedBefore" those of the span before. A span is as long as ids are remembered at least; if the processes of a
-- queue differ, the longest counts.
local function spanOf(since, long)
  return since and now - since, math.max({rememberIds}, tonumber(long or 0))
end

local function span()
  return spanOf(unpack(redis.call('HMGET', meta, 'remembering', 'rememberFor')))
end

-- Removes ids whose time is over, and begins a new span if the current one is over.
local function forget(age, long)
  if age and age >= 2 * long then
    redis.call('UNLINK', remembered, rememberedBefore)
    redis.call('HDEL', meta, 'remembering', 'rememberFor')
  elseif age and age >= long then
    redis.call('UNLINK', rememberedBefore)
    if redis.call('EXISTS', remembered) == 1 then
      redis.call('RENAME', remembered, rememberedBefore)
    end
    redis.call('HSET', meta, 'remembering', now - age + long)
  elseif age and age < 0 then
    -- The clock was ahead before.
    redis.call('HSET', meta, 'remembering', now)
  end
end

local function remember(ids)
  local since, before = unpack(redis.call('HMGET', meta, 'remembering', 'rememberFor'))
  local age, long = spanOf(since, before)
  forget(age, long)
  if not age or age >= 2 * long then
    redis.call('HSET', meta, 'remembering', now, 'rememberFor', long)
  elseif tonumber(before or 0) < long then
    redis.call('HSET', meta, 'rememberFor', long)
  end
  redis.call('SADD', remembered, unpack(ids))
end

-- A number for each id: more than 0 if it is remembered.
local function memoryOf(ids, age, long)
  if not age or age >= 2 * long then
    return {}
  end
  local found = redis.call('SMISMEMBER', remembered, unpack(ids))
  if age < long then
    for i, isBefore in ipairs(redis.call('SMISMEMBER', rememberedBefore, unpack(ids))) do
      found[i] = found[i] + isBefore
    end
  end
  return found
end
