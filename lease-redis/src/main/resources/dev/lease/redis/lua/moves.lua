-- What moves a job from one state to another.
-- USES: jobs
-- KEYS: meta waiting held expired done kept failed cancelled keptUntil taken errors

-- The set of finished jobs; those that are kept as the store keeps them are apart, since they can be too many.
local function finishedSet(job)
  if job[STATE] == FAILED then
    return failed
  elseif job[STATE] == CANCELLED then
    return cancelled
  end
  return job[KEEP] < 0 and done or kept
end

-- The number of waiting jobs that were claimed before, kept since nothing else tells them from new ones.
local retries = 0

local function writeAll()
  writeJobs()
  if retries ~= 0 then
    redis.call('HINCRBY', meta, 'retries', retries)
    retries = 0
  end
end

local function wait(id, job, due)
  job[STATE] = WAITING
  job[DUE] = due
  redis.call('ZADD', waiting[job[PRIORITY] + 1], due, member(id, job))
  if job[ATTEMPTS] > 0 then
    retries = retries + 1
  end
end

-- Takes a job out of the sorted sets that hold it.
local function withdraw(id, job)
  local place = member(id, job)
  if job[STATE] == WAITING then
    redis.call('ZREM', waiting[job[PRIORITY] + 1], place)
    if job[ATTEMPTS] > 0 then
      retries = retries - 1
    end
  elseif job[STATE] == HELD then
    redis.call('ZREM', held, place)
  elseif job[STATE] == EXPIRED then
    redis.call('ZREM', expired, place)
    redis.call('ZREM', waiting[job[PRIORITY] + 1], place)
  else
    redis.call('ZREM', finishedSet(job), place)
    redis.call('ZREM', keptUntil, place)
  end
end

local function freeKey(id, job)
  if job[KEY] ~= '' and redis.call('HGET', taken, job[KEY]) == id then
    redis.call('HDEL', taken, job[KEY])
  end
end

-- Ends a job that is in no set any more.
local function finish(id, job, state)
  local default = state == DONE and {keepDone} or {keepEnded}
  local place = member(id, job)
  job[STATE] = state
  job[CANCEL] = 0
  job[FINISHED] = now
  job[KEPT] = job[KEEP] < 0 and default or job[KEEP]
  redis.call('ZADD', finishedSet(job), now, place)
  redis.call('ZADD', keptUntil, now + job[KEPT], place)
  freeKey(id, job)
end

-- What a claim or a reset does with a job whose lease has expired. True if it may run again.
local function loseHold(id, job)
  job[MARK] = ''
  if job[CANCEL] == 1 then
    finish(id, job, CANCELLED)
  elseif job[ATTEMPTS] >= job[MAX] then
    redis.call('HSET', errors, id, 'lease expired')
    finish(id, job, FAILED)
  else
    return true
  end
  return false
end
