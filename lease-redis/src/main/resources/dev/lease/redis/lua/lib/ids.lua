-- Remembers the ids of jobs that were removed before the time of their ids was over: a repeated enqueue means the same
-- job [Q02].
-- KEYS: meta remembered rememberedBefore

-- The ids have no times of their own. The set "remembered" has those of the current span of time, and
-- "rememberedBefore" those of the span before. A span is as long as ids are remembered at least. If the processes of a
-- queue differ, the longest time counts that one of them asked for in this span or in the one before: "rememberFor" is
-- that time, and "rememberNext" is the longest that one asked for in this span.
local function spanOf(since, long)
  return since and now - since, math.max({rememberIds}, tonumber(long or 0))
end

local function span()
  return spanOf(unpack(redis.call('HMGET', meta, 'remembering', 'rememberFor')))
end

-- Writes times of spans, also if memory is full, as evenIfFull in lib/jobs.lua.
local function setTimes(...)
  redis.call('HDEL', meta, '')
  redis.call('HSET', meta, ...)
end

-- Removes ids whose time is over, and begins a new span if the current one is over. Returns how long ids were remembered
-- until now.
local function forget()
  local age, long = span()
  if age and age >= 2 * long then
    redis.call('UNLINK', remembered, rememberedBefore)
    redis.call('HDEL', meta, 'remembering', 'rememberFor', 'rememberNext')
  elseif age and age >= long then
    redis.call('UNLINK', rememberedBefore)
    if redis.call('EXISTS', remembered) == 1 then
      redis.call('RENAME', remembered, rememberedBefore)
    end
    local longest = math.max({rememberIds}, tonumber(redis.call('HGET', meta, 'rememberNext') or 0))
    setTimes('remembering', now - age + long, 'rememberFor', longest, 'rememberNext', {rememberIds})
  elseif age and age < 0 then
    -- The clock was ahead before.
    setTimes('remembering', now)
  end
  return long
end

-- Makes the current span last as long as this process asks for. If there is none, it begins one: another process may
-- remove jobs whose ids this one wants to be remembered.
local function askForTime()
  local since, long, longest = unpack(redis.call('HMGET', meta, 'remembering', 'rememberFor', 'rememberNext'))
  if not since or tonumber(longest or 0) < {rememberIds} then
    local longer = math.max({rememberIds}, tonumber(long or 0))
    setTimes('remembering', since or now, 'rememberFor', longer, 'rememberNext', {rememberIds})
  end
end

local function addIds(ids)
  askForTime()
  redis.call('SADD', remembered, unpack(ids))
end

local function remember(ids)
  forget()
  addIds(ids)
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
