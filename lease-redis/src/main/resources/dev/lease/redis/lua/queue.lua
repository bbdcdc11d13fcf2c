-- What all scripts of a queue share. All of them get the same KEYS, which lie in one slot; no script makes a key.
local jobs, bodies, meta, taken = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local held, expired, done, kept, failed, cancelled, keptUntil = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local errors, results, progress, steps, stepNames = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16]
local channel = KEYS[27]

-- Ten sorted sets, one a priority: score = due, member = sequence and id.
local function waiting(priority)
  return KEYS[17 + priority]
end

-- A job without its body, packed in the hash "jobs" under its id. KEEP is -1 for the store's default; KEPT is
-- what it came to when the job finished. MARK says which settlement ended the last hold, for one that is sent again.
local STATE, ATTEMPTS, TOKEN, SEQ, PRIORITY, DUE, EXPIRY, OWNER, CANCEL, MAX, TYPE, KEY, KEEP, CREATED, FINISHED, KEPT, MARK =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17

-- EXPIRED: still held, but seen to be expired by a claim, and back in its place among the waiting.
local WAITING, HELD, EXPIRED, DONE, FAILED, CANCELLED = 0, 1, 2, 3, 4, 5

-- How a member of any sorted set begins: the sequence number, so that ties go by order of enqueueing.
local SEQ_DIGITS = 16

local function member(id, job)
  return string.format('%016.0f', job[SEQ]) .. id
end

local function idOf(member)
  return string.sub(member, SEQ_DIGITS + 1)
end

-- Jobs are read once and written once in a script.
local loaded, changed = {}, {}

local function load(id)
  if loaded[id] == nil then
    local packed = redis.call('HGET', jobs, id)
    loaded[id] = packed and cmsgpack.unpack(packed)
  end
  return loaded[id]
end

-- Reads many jobs at once; the ids begin at a place in a list and are some places apart.
local function loadAll(list, first, step)
  local ids = {}
  for i = first, #list, step do
    ids[#ids + 1] = list[i]
  end
  if #ids > 0 then
    local packed = redis.call('HMGET', jobs, unpack(ids))
    for i, id in ipairs(ids) do
      if loaded[id] == nil then
        loaded[id] = packed[i] and cmsgpack.unpack(packed[i])
      end
    end
  end
end

local function save(id, job)
  loaded[id] = job
  changed[id] = true
end

-- The number of waiting jobs that were claimed before, kept since nothing else tells them from new ones.
local retries = 0

local function writeAll()
  local pairs_ = {}
  for id in pairs(changed) do
    local job = loaded[id]
    if job then
      pairs_[#pairs_ + 1] = id
      pairs_[#pairs_ + 1] = cmsgpack.pack(job)
    else
      redis.call('HDEL', jobs, id)
    end
  end
  if #pairs_ > 0 then
    redis.call('HSET', jobs, unpack(pairs_))
  end
  if retries ~= 0 then
    redis.call('HINCRBY', meta, 'retries', retries)
  end
end

local function isHeldBy(job, token)
  return job and (job[STATE] == HELD or job[STATE] == EXPIRED) and job[TOKEN] == token
end

local function isTerminal(job)
  return job[STATE] >= DONE
end

-- The set of finished jobs; those that are kept as the store keeps them are apart, since they can be too many.
local function finishedSet(job)
  if job[STATE] == FAILED then
    return failed
  elseif job[STATE] == CANCELLED then
    return cancelled
  end
  return job[KEEP] < 0 and done or kept
end

local function wait(id, job, due)
  job[STATE] = WAITING
  job[DUE] = due
  redis.call('ZADD', waiting(job[PRIORITY]), due, member(id, job))
  if job[ATTEMPTS] > 0 then
    retries = retries + 1
  end
end

-- Takes a job out of the sorted sets that hold it.
local function withdraw(id, job)
  local place = member(id, job)
  if job[STATE] == WAITING then
    redis.call('ZREM', waiting(job[PRIORITY]), place)
    if job[ATTEMPTS] > 0 then
      retries = retries - 1
    end
  elseif job[STATE] == HELD then
    redis.call('ZREM', held, place)
  elseif job[STATE] == EXPIRED then
    redis.call('ZREM', expired, place)
    redis.call('ZREM', waiting(job[PRIORITY]), place)
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
  job[STATE] = state
  job[CANCEL] = 0
  job[FINISHED] = now
  job[KEPT] = job[KEEP] < 0 and default or job[KEEP]
  redis.call('ZADD', finishedSet(job), now, member(id, job))
  redis.call('ZADD', keptUntil, now + job[KEPT], member(id, job))
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

local function wake()
  redis.call('PUBLISH', channel, '')
end

-- A job as it is read: the order is that of JobReply.
local function read(id, job)
  return {
    id, job[TYPE], redis.call('HGET', bodies, id), job[PRIORITY], job[MAX], job[KEY],
    isTerminal(job) and job[KEPT] or job[KEEP], job[STATE], job[ATTEMPTS], job[TOKEN], job[OWNER], job[EXPIRY],
    job[CANCEL], redis.call('HGET', progress, id), redis.call('HGET', results, id), redis.call('HGET', errors, id),
    job[CREATED], job[DUE], job[FINISHED],
  }
end
