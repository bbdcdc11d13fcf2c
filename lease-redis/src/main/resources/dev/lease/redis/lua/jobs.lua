-- Jobs, and how a script writes.
-- KEYS: jobs

-- A job without its body, packed in the hash "jobs" under its id. SEQ is a text. END is the expiry of a hold, and when a
-- finished job finished. KEEP is -1 for the store's default. MARK says which settlement ended the last hold, for one
-- that is sent again.
local STATE, ATTEMPTS, TOKEN, SEQ, PRIORITY, DUE, END, OWNER, CANCEL, MAX, TYPE, KEY, KEEP, CREATED, MARK =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
local PACKED = '<BI4dsBddsBI4ssdds'

local function unpacked(text)
  return text and {struct.unpack(PACKED, text)}
end

-- EXPIRED: still held, but seen to be expired by a claim, and back in its place among the waiting.
local WAITING, HELD, EXPIRED, DONE, FAILED, CANCELLED = 0, 1, 2, 3, 4, 5

-- How a member of any sorted set begins: the sequence number, so that ties go by order of enqueueing.
local SEQ_DIGITS = 16

local function member(id, job)
  return job[SEQ] .. id
end

local function idOf(member)
  return string.sub(member, SEQ_DIGITS + 1)
end

local function idsOf(members)
  local ids = {}
  for i, member in ipairs(members) do
    ids[i] = idOf(member)
  end
  return ids
end

-- What is written is gathered, so that all of one key is one command. What takes away goes first, since it takes no room;
-- then what belongs to jobs, in the order of the script; then what jobs are; and then their places, since a reset puts a
-- job that has none where it says that it is [Q44].
local COMMANDS = {'ZREM', 'HDEL', 'HSET', 'ZADD'}

-- For each command its keys in order, and the values of each.
local writes = {ZREM = {}, HDEL = {}, HSET = {}, ZADD = {}}

local function write(command, key, first, second)
  local gathered = writes[command]
  local values = gathered[key]
  if values then
    local n = #values
    values[n + 1], values[n + 2] = first, second
  else
    gathered[key] = {first, second}
    gathered[#gathered + 1] = key
  end
end

-- A command takes some thousand values and no more.
local MOST_VALUES = 2000

local function send(command, key, values)
  for first = 1, #values, MOST_VALUES do
    redis.call(command, key, unpack(values, first, math.min(first + MOST_VALUES - 1, #values)))
  end
end

-- Writes what was gathered. What was read before does not know of it.
local function writeAll()
  for _, command in ipairs(COMMANDS) do
    local gathered = writes[command]
    for _, key in ipairs(gathered) do
      if key ~= jobs then
        send(command, key, gathered[key])
      end
    end
    send(command, jobs, gathered[jobs] or {})
    writes[command] = {}
  end
end

-- Jobs are read once in a script.
local loaded = {}

local function load(id)
  if loaded[id] == nil then
    local packed = redis.call('HGET', jobs, id)
    loaded[id] = unpacked(packed)
  end
  return loaded[id]
end

-- Reads many jobs at once, for those who load them.
local function loadAll(ids)
  if #ids > 0 then
    local packed = redis.call('HMGET', jobs, unpack(ids))
    for i, id in ipairs(ids) do
      if loaded[id] == nil then
        loaded[id] = unpacked(packed[i])
      end
    end
  end
end

local function save(id, job)
  loaded[id] = job
  write('HSET', jobs, id, struct.pack(PACKED, unpack(job)))
end

-- Of a full memory Redis tells a script at its first write, if that may add something. What takes no room, or what
-- ends jobs, begins with this, which adds nothing.
local function evenIfFull(set)
  redis.call('ZREM', set, '')
end

local function isHeld(job)
  return job[STATE] == HELD or job[STATE] == EXPIRED
end

local function isHeldBy(job, token)
  return job and isHeld(job) and job[TOKEN] == token
end

local function isTerminal(job)
  return job[STATE] >= DONE
end

-- How long it stays once it is finished.
local function keepOf(job)
  if job[KEEP] >= 0 then
    return job[KEEP]
  end
  return job[STATE] == DONE and {keepDone} or {keepEnded}
end
