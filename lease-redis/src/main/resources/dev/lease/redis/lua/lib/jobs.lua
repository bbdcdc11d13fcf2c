-- Jobs, and how a script writes.
-- KEYS: jobs

-- A job without its body, packed in the hash "jobs" under its id, behind the version of the row. SEQ is a text. END is the
-- expiry of a hold, and when a finished job finished. KEEP is -1 for the store's default. MARK says which settlement ended
-- the last hold, for one that is sent again. SIZE is that of the body.
local STATE, ATTEMPTS, TOKEN, SEQ, PRIORITY, DUE, END, OWNER, CANCEL, MAX, TYPE, KEY, KEEP, CREATED, MARK, SIZE =
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
local PACKED = '<BBI4dsBddsBI4ssddsi4'

-- Versions of rows are 130 to 191, with which no text begins. The first rows had none: they began with a state, 0 to 5.
local ROW, LAST_ROW = 130, 191
local FIRST_PACKED, LAST_STATE = '<BI4dsBddsBI4ssdds', 5

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
local COMMANDS = {'ZREMRANGEBYRANK', 'ZREM', 'HDEL', 'HSET', 'ZADD'}

-- For each command its keys in order, and the values of each.
local writes = {ZREMRANGEBYRANK = {}, ZREM = {}, HDEL = {}, HSET = {}, ZADD = {}}

local function valuesOf(command, key)
  local gathered = writes[command]
  local values = gathered[key]
  if not values then
    values = {}
    gathered[key] = values
    gathered[#gathered + 1] = key
  end
  return values
end

local function write(command, key, first, second)
  local values = valuesOf(command, key)
  local n = #values
  values[n + 1], values[n + 2] = first, second
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

-- Why a row that is there cannot be read [Q43]: a later version of Lease has written it, and reads it; or nobody can.
local LATER, DAMAGED = 1, 2

-- Most jobs that a script meets are plain, so that it works with the fields of their rows; to make a table of each was
-- half of a script. What is not plain is loaded.
local unpackRow, packRow = struct.unpack, struct.pack

-- Of a row true, its fields, and where it ends; false if it is none or cannot be unpacked.
local function unpacked(row)
  return pcall(unpackRow, PACKED, row)
end

-- Jobs are read once in a script. A job begins with two fields that are no matter to anyone else: that it was unpacked,
-- and the version. What cannot be read is not there for those who load it, but for what it says in "unreadable".
local loaded, unreadable = {}, {}

-- The times are numbers if their differences to themselves are 0.
local function isSoundRow(row, last, state, seq, priority, due, ending)
  return last == #row + 1 and state <= LAST_STATE and priority <= 9 and #seq == SEQ_DIGITS
    and due - due == 0 and ending - ending == 0
end

local function isSound(job, row)
  return job[1] and isSoundRow(row, job[SIZE + 1], job[STATE], job[SEQ], job[PRIORITY], job[DUE], job[END])
end

local function note(id, row)
  local version = row and string.byte(row)
  local job = false
  if version == ROW then
    job = {unpacked(row)}
  elseif version and version <= LAST_STATE then
    job = {pcall(struct.unpack, FIRST_PACKED, row)}
    table.insert(job, 2, ROW)
    job[SIZE + 1], job[SIZE] = job[SIZE], -1
  elseif row then
    unreadable[id] = version and version > ROW and version <= LAST_ROW and LATER or DAMAGED
  end
  if job and not isSound(job, row) then
    job = false
    unreadable[id] = DAMAGED
  end
  loaded[id] = job
end

local function load(id)
  if loaded[id] == nil then
    note(id, redis.call('HGET', jobs, id))
  end
  return loaded[id]
end

-- Raises if a row is damaged.
local function noteAll(ids, rows)
  local byte, unpackRow = string.byte, struct.unpack
  for i, id in ipairs(ids) do
    local row = rows[i]
    if loaded[id] == nil then
      local job = row and byte(row) == ROW and {true, unpackRow(PACKED, row)}
      if job and isSound(job, row) then
        loaded[id] = job
      else
        note(id, row)
      end
    end
  end
end

-- Reads many jobs at once, for those who load them.
local function loadAll(ids)
  if #ids > 0 then
    local rows = redis.call('HMGET', jobs, unpack(ids))
    if not pcall(noteAll, ids, rows) then
      for i, id in ipairs(ids) do
        if loaded[id] == nil then
          note(id, rows[i])
        end
      end
    end
  end
end

local function save(id, job)
  loaded[id] = job
  write('HSET', jobs, id, struct.pack(PACKED, unpack(job, 2, SIZE)))
end

-- Where a job is that was set aside, since its row is damaged: what its sequence number was is not known.
local function placeAside(id)
  return string.format('%016.0f', tonumber(string.sub(redis.sha1hex(id), 1, 12), 16)) .. id
end

local function refuseLater(id)
  return redis.error_reply('LATER the job ' .. id .. ' was written by a later version of Lease, which can read it')
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

local function isFinished(job)
  return job[STATE] >= DONE
end

-- A due time as it is asked for: an instant, or "+" and a delay.
local function dueOf(text)
  local due = tonumber(text)
  return string.sub(text, 1, 1) == '+' and now + due or due
end

-- How long it stays once it is finished: long enough for whoever enqueues it again to find it [Q02].
local function keepOf(job)
  if job[KEEP] >= 0 then
    return math.max(job[KEEP], {remember})
  end
  return job[STATE] == DONE and {keepDone} or {keepFailed}
end
