-- Jobs, and where they stand in the sorted sets.
-- KEYS: jobs

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

-- A command takes some thousand values and no more.
local MOST_VALUES = 2000

local function writeJobs()
  local packed = {}
  for id in pairs(changed) do
    local job = loaded[id]
    if job then
      packed[#packed + 1] = id
      packed[#packed + 1] = cmsgpack.pack(job)
    else
      redis.call('HDEL', jobs, id)
    end
  end
  for first = 1, #packed, MOST_VALUES do
    redis.call('HSET', jobs, unpack(packed, first, math.min(first + MOST_VALUES - 1, #packed)))
  end
end

-- Of a full memory Redis tells a script at its first write, if that may add something. What takes no room, or what
-- ends jobs, begins with this, which adds nothing.
local function evenIfFull(set)
  redis.call('ZREM', set, '')
end

local function isHeldBy(job, token)
  return job and (job[STATE] == HELD or job[STATE] == EXPIRED) and job[TOKEN] == token
end

local function isTerminal(job)
  return job[STATE] >= DONE
end
