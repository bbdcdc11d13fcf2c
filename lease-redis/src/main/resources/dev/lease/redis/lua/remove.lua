-- USES: moves steps
-- KEYS: bodies results progress remembered

-- Removes the steps of jobs, as many as are looked at together, from the last of each on. Tells how many jobs, from the
-- first on, have none any more: the others wait for another script.
local function eraseSteps(ids)
  if #ids == 0 or redis.call('EXISTS', steps) == 0 then
    return #ids
  end
  local counts, left = redis.call('HMGET', steps, unpack(ids)), MOST_STEPS
  local names = redis.call('HMGET', stepNames, unpack(ids))
  for i, id in ipairs(ids) do
    for name in string.gmatch(names[i] or '', '%Z+') do
      redis.call('HDEL', steps, id .. '\0' .. name)
    end
    local count = tonumber(counts[i] or 0)
    local stay = math.max(count - left, 0)
    if stay < count then
      redis.call('HDEL', steps, unpack(fieldsOf(id, namesOf(id, stay + 1, count))))
      redis.call('HDEL', stepNames, unpack(numbered(id, stay + 1, count)))
      redis.call('HINCRBY', steps, id, stay - count)
      left = left - (count - stay)
    end
    if stay > 0 then
      return i - 1
    end
  end
  redis.call('HDEL', steps, unpack(ids))
  return #ids
end

-- Removes what else there is of some jobs, but for their places and keys.
local function erase(ids)
  if redis.call('EXISTS', errors, failures, results, progress, stepNames) > 0 then
    for _, hash in ipairs({errors, failures, results, progress, stepNames}) do
      redis.call('HDEL', hash, unpack(ids))
    end
  end
  redis.call('HDEL', bodies, unpack(ids))
  redis.call('HDEL', jobs, unpack(ids))
end

-- Ids outlast jobs that go before their time, since who enqueues one again means the same job [Q02]. Those whose time is
-- over go, as many as asked for.
local function forget(mostOver)
  local over = redis.call('ZRANGE', remembered, '-inf', now, 'BYSCORE', 'LIMIT', 0, mostOver)
  if #over > 0 then
    redis.call('ZREMRANGEBYRANK', remembered, 0, #over - 1)
  end
end
