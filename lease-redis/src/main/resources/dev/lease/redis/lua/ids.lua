-- KEYS: meta remembered rememberedBefore

-- Ids outlast jobs that go before their time, since who enqueues one again means the same job [Q02]. They have no times of
-- their own: "remembered" has those of the last while, as long as DONE jobs are kept, and "rememberedBefore" those of the
-- while before.
local function ageOfRemembered()
  local since = redis.call('HGET', meta, 'remembering')
  return since and now - since
end

-- What of the two is over goes.
local function forget(age)
  if age and age >= 2 * {keepDone} then
    redis.call('UNLINK', remembered, rememberedBefore)
    redis.call('HDEL', meta, 'remembering')
  elseif age and age >= {keepDone} then
    redis.call('UNLINK', rememberedBefore)
    if redis.call('EXISTS', remembered) == 1 then
      redis.call('RENAME', remembered, rememberedBefore)
    end
    redis.call('HSET', meta, 'remembering', now)
  end
end

local function remember(ids)
  local age = ageOfRemembered()
  forget(age)
  if not age or age >= 2 * {keepDone} then
    redis.call('HSET', meta, 'remembering', now)
  end
  redis.call('SADD', remembered, unpack(ids))
end

-- Of each id more than 0 if it is remembered.
local function memoryOf(ids)
  local age = ageOfRemembered()
  if not age or age >= 2 * {keepDone} then
    return {}
  end
  local found = redis.call('SMISMEMBER', remembered, unpack(ids))
  if age < {keepDone} then
    for i, isBefore in ipairs(redis.call('SMISMEMBER', rememberedBefore, unpack(ids))) do
      found[i] = found[i] + isBefore
    end
  end
  return found
end
