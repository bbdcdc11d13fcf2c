-- USES: jobs
-- KEYS: taken

-- Who has a dedup key. It is free if its job is lost, or has ended.
local function ownerOf(key)
  local id = redis.call('HGET', taken, key)
  local job = id and load(id)
  return id and (unreadable[id] or job and not isFinished(job)) and id
end
