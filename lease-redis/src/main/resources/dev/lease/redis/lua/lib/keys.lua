-- Looks up dedup keys.
-- USES: jobs
-- KEYS: taken

-- The id of the job that has a dedup key. The key is free if that job is lost or finished.
local function ownerOf(key)
  local id = redis.call('HGET', taken, key)
  local job = id and load(id)
  return id and (unreadable[id] or job and not isFinished(job)) and id
end
