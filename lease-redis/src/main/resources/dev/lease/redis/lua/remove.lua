-- USES: moves
-- KEYS: bodies results progress steps stepNames

-- Removes a job and all that belongs to it.
local function remove(id, job)
  withdraw(id, job)
  if not isTerminal(job) then
    freeKey(id, job)
  end
  redis.call('HDEL', bodies, id)
  redis.call('HDEL', errors, id)
  redis.call('HDEL', results, id)
  redis.call('HDEL', progress, id)
  local names = redis.call('HGET', stepNames, id)
  if names then
    for name in string.gmatch(names, '%Z+') do
      redis.call('HDEL', steps, id .. '\0' .. name)
    end
    redis.call('HDEL', stepNames, id)
  end
  save(id, false)
end
