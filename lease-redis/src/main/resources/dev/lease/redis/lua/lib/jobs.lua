-- Reads and writes jobs.
-- KEYS: jobs

-- The hash "jobs" has a row for each job, packed: the version of the row, the fields that a worker changes (HEAD), the
-- others (REST), and behind them the body if it is short. SEQ is a number of eight bytes, the highest first. END is when
-- the lease expires, or when a finished job finished. MARK says which settlement ended the last lease, to recognize it
-- if it is sent again. SIZE is the size of the body.
local STATE, CANCEL, ATTEMPTS, FAILURES, TOKEN, END, OWNER, MARK, SEQ, PRIORITY, DUE, CREATED, MAXCRASHES, TYPE, SIZE,
  MORE =
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
local HEAD = '<BBBI4I4ddss'
local REST = '<c8BddI4sI4I2c0'
local PACKED = '<BBBI4I4ddssc8BddI4sI4I2c0'

-- MORE has what most jobs do not have, packed; it is empty if a job has nothing of it. KEY is the dedup key. KEEP is -1
-- for the store's default. MAXFAILURES is 0 if the worker decides. NOTAFTER is the deadline, and UNTIL is until when the
-- dedup key stays taken; each is -1 if there is none. JOBKEY is the key that limits how many jobs run at once. MEMBER is
-- 1 if the job is of a graph, see lib/graphs.lua, and then WAITS may be FOR_PARTS: no claim looks at the job; or IN_VAIN:
-- it waited, and was cancelled when one of these parts had failed. Higher numbers of both are room for a later version,
-- and so are the priorities 10 to 39.
local KEY, KEEP, MAXFAILURES, NOTAFTER, UNTIL, JOBKEY, WAITS, MEMBER = 19, 20, 21, 22, 23, 24, 25, 26
local FOR_PARTS, IN_VAIN = 1, 2
local PACKED_MORE = '<sdI4ddsI4B'

-- Behind that a job of a graph has the names of the graph and of its part.
local GRAPH, PART, PACKED_MEMBER = 28, 29, '<ss'

-- And behind all that a job with JOBKEY has its turn, see lib/slots.lua; 0 if it has none.
local TURN, TURN_BYTES, PACKED_TURN, PACKED_KEYED = 27, 8, '<d', '<sdI4ddsI4Bd'

-- The body, or false if it lies apart, see lib/bodies.lua.
local BODY = 30

-- Versions of rows are 128 to 191: no text begins with such a byte. READS is the highest that can be read. A row whose
-- room is used counts as READS + 1, though it begins with ROW: a later version that reads more of such rows, and writes
-- no others, has a higher READS. No row ever begins with the numbers between. Rows with JOBKEY counted as 129 before, and
-- those with MEMBER as 130.
local ROW, READS, LAST_ROW, LAST_STATE = 128, 130, 191, 5

-- EXPIRED: a claim found the lease expired and put the job back among the waiting ones; until a worker gets it, the
-- job still counts as held.
local WAITING, HELD, EXPIRED, DONE, FAILED, CANCELLED = 0, 1, 2, 3, 4, 5

-- Every member of a sorted set begins with the sequence number, so that equal scores go by the order of enqueueing.
local SEQ_BYTES, PACKED_SEQ = 8, '>I8'

local function member(id, job)
  return job[SEQ] .. id
end

local function idOf(member)
  return string.sub(member, SEQ_BYTES + 1)
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

-- Returns true, the fields of a row up to MORE, and the position behind it; false if it cannot be unpacked.
local function unpacked(row)
  return pcall(unpackRow, PACKED, row)
end

-- Returns true and the fields in MORE; false if it cannot be unpacked.
local function unpackedMore(more)
  if more == '' then
    return true, '', -1, 0, -1, -1, '', 0, 0
  end
  return pcall(unpackRow, PACKED_MORE, more)
end

local function packedMore(key, keep, maxFailures, notAfter, untilWhen, jobKey, waits, member, turn, graph, part)
  if key == '' and keep == -1 and maxFailures == 0 and notAfter == -1 and untilWhen == -1 and jobKey == ''
      and member == 0 then
    return ''
  elseif member == 0 then
    return packRow(
      jobKey ~= '' and PACKED_KEYED or PACKED_MORE, key, keep, maxFailures, notAfter, untilWhen, jobKey, waits, member, turn
    )
  end
  return packRow(PACKED_MORE, key, keep, maxFailures, notAfter, untilWhen, jobKey, waits, member)
    .. packRow(PACKED_MEMBER, graph, part) .. (jobKey ~= '' and packRow(PACKED_TURN, turn) or '')
end

-- What follows HEAD in a row.
local function restOf(row, owner, mark)
  return string.sub(row, 30 + #owner + #mark)
end

-- A script reads each job once. A loaded job begins with two more fields: whether it could be unpacked, and the version
-- of its row. A job that cannot be read loads as false, and "unreadable" has the version of its row: a later version of
-- Lease has written it and can read it, or it is DAMAGED. If the room of a row is used, nobody knows here when its job may
-- run.
local loaded, unreadable = {}, {}

local LAST_PRIORITY = 39

-- Whether this version may work with a job.
local function hasOnlyOurs(priority, waits, member)
  return priority <= 9 and member <= 1 and waits <= IN_VAIN * member
end

-- A time minus itself is 0 only if it is a finite number.
local function isSoundRow(row, last, state, priority, due, ending, size)
  local behind = #row + 1 - last
  return (behind == size or behind == 0) and state <= LAST_STATE and priority <= LAST_PRIORITY
    and due - due == 0 and ending - ending == 0
end

-- Makes a job of what was unpacked of its row. False if it cannot be read, and then the version of its row unless it is
-- damaged.
local function jobOf(row, job)
  local last = job[MORE + 1]
  if not job[1] or not isSoundRow(row, last, job[STATE], job[PRIORITY], job[DUE], job[END], job[SIZE]) then
    return false
  end
  local more, behind = job[MORE], nil
  job[1], job[KEY], job[KEEP], job[MAXFAILURES], job[NOTAFTER], job[UNTIL], job[JOBKEY], job[WAITS], job[MEMBER], behind =
    unpackedMore(more)
  if job[1] and not hasOnlyOurs(job[PRIORITY], job[WAITS], job[MEMBER]) then
    return false, READS + 1
  elseif job[1] and job[MEMBER] == 1 then
    job[1], job[GRAPH], job[PART] = pcall(unpackRow, PACKED_MEMBER, more, behind)
  end
  job[TURN] = job[1] and job[JOBKEY] ~= '' and #more > TURN_BYTES and unpackRow(PACKED_TURN, more, #more - TURN_BYTES + 1)
    or 0
  if not job[1] then
    return false
  end
  job[BODY] = #row + 1 - last == job[SIZE] and string.sub(row, last)
  return job
end

local function note(id, row)
  local version = row and string.byte(row)
  local job = false
  if version == ROW then
    job, version = jobOf(row, {unpacked(row)})
  end
  if row and not job then
    unreadable[id] = version and version > READS and version <= LAST_ROW and version or DAMAGED
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
      local job = row and byte(row) == ROW and jobOf(row, {true, unpackRow(PACKED, row)})
      if job then
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
  local more = packedMore(unpack(job, KEY, PART))
  local head = packRow(HEAD, ROW, unpack(job, STATE, MARK))
  local rest = packRow(
    REST, job[SEQ], job[PRIORITY], job[DUE], job[CREATED], job[MAXCRASHES], job[TYPE], job[SIZE], #more, more
  )
  write('HSET', jobs, id, head .. rest .. (job[BODY] or ''))
end

-- The place of a job that was put aside because its row is damaged. Its sequence number is unknown, so the place is
-- made from the id.
local function placeAside(id)
  return packRow(PACKED_SEQ, tonumber(string.sub(redis.sha1hex(id), 1, 12), 16)) .. id
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
