-- Looks up dedup keys.
-- USES: jobs
-- KEYS: taken windows

-- The id of the job that has a dedup key. The key is free if that job is lost or finished, unless it stays taken for a
-- time [Q82].
local function ownerOf(key)
  local id = redis.call('HGET', taken, key)
  local job = id and load(id)
  local isTaken = id and (unreadable[id] or job and not isFinished(job)
    or tonumber(redis.call('ZSCORE', windows, id) or 0) > now)
  return isTaken and id
end
