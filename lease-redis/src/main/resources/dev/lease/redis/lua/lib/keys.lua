-- Looks up dedup keys.
-- USES: jobs
-- KEYS: taken windows windowKeys

-- Whether a job has a dedup key: it is not finished, or the key stays taken for a time, also if the job was removed
-- [Q82]. "taken" may name a job that is gone, and whose id another job has now.
local function hasKey(id, key)
  local job = load(id)
  if job then
    return job[KEY] == key and (not isFinished(job) or job[UNTIL] > now)
  end
  return unreadable[id]
    or redis.call('HGET', windowKeys, id) == key and tonumber(redis.call('ZSCORE', windows, id) or 0) > now
end

-- The id of the job that has a dedup key, if there is one.
local function ownerOf(key)
  local id = redis.call('HGET', taken, key)
  return id and hasKey(id, key) and id
end
