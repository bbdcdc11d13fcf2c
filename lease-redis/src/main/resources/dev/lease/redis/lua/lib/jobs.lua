-- Reads and writes jobs.
-- KEYS: jobs

-- The hash "jobs" has a row for each job: the version of the row and these fields, packed, without the body. SEQ is a
-- text. END is when the lease expires, or when a finished job finished. KEEP is -1 for the store's default. MARK says
-- which settlement ended the last lease, to recognize it if it is sent again. SIZE is the size of the body. MAXFAILURES
-- is 0 if the worker decides. NOTAFTER is the deadline, and UNTIL is until when the dedup key stays taken; each is -1 if
-- there is none.
local STATE, ATTEMPTS, TOKEN, SEQ, PRIORITY, DUE, END, OWNER, CANCEL, MAXCRASHES, TYPE, KEY, KEEP, CREATED, MARK, SIZE,
  FAILURES, MAXFAILURES, NOTAFTER, UNTIL =
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22
local PACKED = '<BBI4dsBddsBI4ssddsi4I4I4dd'

-- Versions of rows are 132 to 191: no text begins with such a byte. The versions below were never released.
local ROW, LAST_ROW, LAST_FIELD, LAST_STATE = 132, 191, 22, 5

-- EXPIRED: a claim found the lease expired and put the job back among the waiting ones; until a worker gets it, the
-- job still counts as held.
local WAITING, HELD, EXPIRED, DONE, FAILED, CANCELLED = 0, 1, 2, 3, 4, 5

-- Every member of a sorted set begins with the sequence number, so that equal scores go by the order of enqueueing.
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

-- Writes are gathered and sent at the end, one command for each key. This is the order: first removals, which need no
-- memory; then texts of jobs, in the order of the script; then the rows; and last the places in sorted sets, because
-- a reset can find the place of a job by its row [Q44].
local COMMANDS = {'ZREMRANGEBYRANK', 'ZREM', 'HDEL', 'HSET', 'ZADD'}

-- The keys of each command, in order, and the values of each key.
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

-- Lua can pass only some thousand values to a command.
local MOST_VALUES = 2000

local function send(command, key, values)
  for first = 1, #values, MOST_VALUES do
    redis.call(command, key, unpack(values, first, math.min(first + MOST_VALUES - 1, #values)))
  end
end

-- Sends the gathered writes. Values that were read before do not change.
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

-- What stands for the version of a damaged row [Q43].
local DAMAGED = 0

-- Scripts work with the fields of a row directly if the job is an ordinary one, which most are: making a table of
-- each job took half of the time of a script. Other jobs are loaded into tables.
local unpackRow, packRow = struct.unpack, struct.pack

-- Returns true, the fields of a row, and the position behind it; false if it is not a row that can be unpacked.
local function unpacked(row)
  return pcall(unpackRow, PACKED, row)
end

-- A script reads each job once. A loaded job begins with two more fields: whether it could be unpacked, and the
-- VERSION. A job that cannot be read loads as false, and "unreadable" has the version of its row: a later version of
-- Lease has written it and can read it, or it is DAMAGED.
local VERSION = 2
local loaded, unreadable = {}, {}

-- A time minus itself is 0 only if it is a finite number.
local function isSoundRow(row, last, state, seq, priority, due, ending)
  return last == #row + 1 and state <= LAST_STATE and priority <= 9 and #seq == SEQ_DIGITS
    and due - due == 0 and ending - ending == 0
end

local function isSound(job, row)
  return job[1] and isSoundRow(row, job[LAST_FIELD + 1], job[STATE], job[SEQ], job[PRIORITY], job[DUE], job[END])
end

local function note(id, row)
  local version = row and string.byte(row)
  local job = version == ROW and {unpacked(row)}
  if job and not isSound(job, row) then
    job = false
  end
  if row and not job then
    unreadable[id] = version and version > ROW and version <= LAST_ROW and version or DAMAGED
  end
  loaded[id] = job or false
end

local function load(id)
  if loaded[id] == nil then
    note(id, redis.call('HGET', jobs, id))
  end
  return loaded[id]
end

-- Raises an error if a row cannot be unpacked.
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

-- Reads many jobs with one command, so that load need not.
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

local function isLater(id)
  return (unreadable[id] or DAMAGED) ~= DAMAGED
end

local function save(id, job)
  loaded[id] = job
  write('HSET', jobs, id, struct.pack(PACKED, unpack(job, VERSION, LAST_FIELD)))
end

-- The place of a job that was set aside because its row is damaged. Its sequence number is unknown, so the place is
-- made from the id.
local function placeAside(id)
  return string.format('%016.0f', tonumber(string.sub(redis.sha1hex(id), 1, 12), 16)) .. id
end

local function refuseLater(id)
  return redis.error_reply('LATER job ' .. id .. ' was written by a later version of Lease, and this version cannot read it')
end

-- When memory is full, Redis refuses the first write of a script if that command may take memory. After a write that
-- takes none it lets the script go on. Scripts that free memory or finish jobs therefore begin with this one.
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

-- Reads a due time from an argument: an instant, or "+" and a delay.
local function dueOf(text)
  local due = tonumber(text)
  return string.sub(text, 1, 1) == '+' and now + due or due
end

-- How long a finished job is kept: long enough that a repeated enqueue finds it [Q02].
local function keepOf(job)
  if job[KEEP] >= 0 then
    return math.max(job[KEEP], {remember})
  end
  return job[STATE] == DONE and {keepDone} or {keepFailed}
end
