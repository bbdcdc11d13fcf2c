-- Moves jobs from one state to another.
-- USES: slots
-- KEYS: meta waiting held expired done kept failed cancelled keptUntil taken errors failures broken later graphed

-- Whether a job waits for parts of its graph: then it has no slot, and stands nowhere in the queue.
local function isWaitingForParts(job)
  return job[WAITS] == FOR_PARTS
end

-- Where jobs are that wait for parts, see lib/graphs.lua.
local waits = graphed[4]

-- The sorted sets that a job belongs to, each with its score there, unless it is due and has a key. DONE jobs with the
-- store's default for KEEP have a set of their own: if there are too many, the oldest are removed. Jobs of graphs are not
-- among them.
local function setsOf(job)
  local state, queue = job[STATE], waiting[job[PRIORITY] + 1]
  if isWaitingForParts(job) then
    return waits, job[DUE]
  elseif state == WAITING then
    return queue, job[DUE]
  elseif state == HELD then
    return held, job[END]
  elseif state == EXPIRED then
    return queue, job[TURN] > 0 and job[TURN] or job[DUE], expired, job[END]
  elseif state == DONE and job[KEEP] < 0 and job[MEMBER] == 0 then
    return done, job[END]
  end
  local finished = state == DONE and kept or state == FAILED and failed or cancelled
  return finished, job[END], keptUntil, job[END] + keepOf(job)
end

-- A waiting job with a key stands where it is told, or else where it stood.
local function enter(id, job, where)
  local isKeyed = job[JOBKEY] ~= '' and not isWaitingForParts(job)
  if isKeyed and job[STATE] == WAITING then
    slots().stand(id, job, where)
    return
  elseif isKeyed and not isFinished(job) then
    slots().keep(id, job)
  end
  local place = member(id, job)
  local set, score, other, otherScore = setsOf(job)
  write('ZADD', set, score, place)
  if other then
    write('ZADD', other, otherScore, place)
  end
end

-- Puts a job aside whose row cannot be read, so that it is in nobody's way: into the set where operators see it if the
-- row is damaged, else into the set "later", by the version of the row, which is negative there if the job stood among
-- finished ones. The job leaves all other sets, so that it counts once. The row stays as it is.
local function putAside(id, place, wasFinished)
  for _, set in ipairs({held, expired, done, kept, failed, cancelled, keptUntil, waits, unpack(waiting)}) do
    write('ZREM', set, place)
  end
  if isLater(id) then
    write('ZADD', later, wasFinished and -unreadable[id] or unreadable[id], place)
  elseif not redis.call('ZSCORE', broken, placeAside(id)) then
    write('ZADD', broken, now, placeAside(id))
  end
end

local hasLater = redis.call('EXISTS', later) == 1

-- Puts jobs into their sets again that an earlier version has put aside, because it could not read them: from the
-- lowest score in "later". True if there may be more.
local MOST_TAKEN_BACK = 1000

local function takeBack(lowest, most)
  if not hasLater then
    return false
  end
  local places = redis.call('ZRANGE', later, lowest, READS, 'BYSCORE', 'LIMIT', 0, most)
  if #places > 0 then
    local ids = idsOf(places)
    loadAll(ids)
    for i, id in ipairs(ids) do
      write('ZREM', later, places[i])
      if loaded[id] then
        enter(id, loaded[id])
      elseif unreadable[id] then
        putAside(id, places[i])
      end
    end
    writeAll()
  end
  return #places == most
end

-- How the number of waiting jobs that were claimed before changes. It is counted, because no sorted set has exactly
-- these jobs. Whatever breaks between the other writes and this one leaves it wrong; a repair counts anew.
local retries = 0

local function withdraw(id, job)
  local place = member(id, job)
  local set, _, other = setsOf(job)
  write('ZREM', set, place)
  if job[JOBKEY] ~= '' and job[STATE] == WAITING and not isWaitingForParts(job) then
    slots().leave(id, job)
  end
  if hasLater then
    write('ZREM', later, place)
  end
  if other then
    write('ZREM', other, place)
  end
  if job[STATE] == WAITING and job[ATTEMPTS] > 0 then
    retries = retries - 1
  end
end

-- The end of each script that moves jobs.
local function writeMoves()
  writeAll()
  if retries ~= 0 then
    redis.call('HINCRBY', meta, 'retries', retries)
    retries = 0
  end
  if keyTools and #keyTools.touched > 0 then
    keyTools.passOn()
  end
end

-- Frees the dedup key of a job, unless the key stays taken for a time.
local function freeKey(id, key, untilWhen)
  if key ~= '' and untilWhen <= now and redis.call('HGET', taken, key) == id then
    write('HDEL', taken, key)
  end
end

-- How many jobs of each part of a graph this script has ended, by the state in which they are; and the names of these
-- parts, in order. A job that is to run again counts as -1. See lib/graphs.lua, which adds them to the parts.
local ends = {}

local function countEnd(graph, part, state, number)
  local name = graph .. '\0' .. part
  local ofPart = ends[name]
  if not ofPart then
    ofPart = {[DONE] = 0, [FAILED] = 0, [CANCELLED] = 0}
    ends[name] = ofPart
    ends[#ends + 1] = name
  end
  ofPart[state] = ofPart[state] + number
end

-- The following functions change a job that is in no set. The caller then enters it into its sets and saves it.
local function wait(job, due)
  job[STATE] = WAITING
  job[DUE] = due
  if job[ATTEMPTS] > 0 then
    retries = retries + 1
  end
end

local function finish(id, job, state)
  job[STATE] = state
  job[CANCEL] = 0
  job[END] = now
  job[WAITS] = 0
  if job[MEMBER] == 1 then
    countEnd(job[GRAPH], job[PART], state, 1)
  end
  freeKey(id, job[KEY], job[UNTIL])
  if job[JOBKEY] ~= '' then
    slots().free(job[JOBKEY], member(id, job))
  end
end

-- Whether no attempt may begin any more [Q81].
local function isOverdue(notAfter)
  return notAfter >= 0 and now > notAfter
end

-- Whether a job whose lease has expired may run again: else it is spent.
local function mayRunAgain(job)
  return job[CANCEL] == 0 and job[ATTEMPTS] - job[FAILURES] < job[MAXCRASHES] and not isOverdue(job[NOTAFTER])
end

-- Adds a failed attempt of a job that is still held to the last ones before it [Q57]. Each has its number, its owner,
-- the token, the time and the error, each followed by a zero byte.
local MOST_FAILURES = 10

local function noteFailure(id, job, error)
  local before = redis.call('HGET', failures, id) or ''
  local _, parts = string.gsub(before, '%z', '')
  if parts >= 5 * MOST_FAILURES then
    before = string.gsub(before, '^%Z*%z%Z*%z%Z*%z%Z*%z%Z*%z', '')
  end
  local token, at = string.format('%.0f', job[TOKEN]), string.format('%.0f', now)
  write('HSET', failures, id, before .. table.concat({job[ATTEMPTS], job[OWNER], token, at, error, ''}, '\0'))
end

local LEASE_EXPIRED, DEADLINE_PASSED = 'lease expired', 'deadline passed'

-- The jobs that this script finished instead of their owners; they become FinishedJobs [Q20].
local finishedJobs = {}

local function noteFinished(id, job, error)
  finishedJobs[#finishedJobs + 1] = {id, job[TYPE], job[STATE], job[ATTEMPTS], job[FAILURES], error}
end

local function finishBecause(id, job, state, error)
  write('HSET', errors, id, error)
  finish(id, job, state)
  noteFinished(id, job, error)
end

-- Finishes a job that is spent.
local function giveUp(id, job)
  if job[STATE] ~= WAITING then
    noteFailure(id, job, LEASE_EXPIRED)
  end
  job[MARK] = ''
  if job[CANCEL] == 1 then
    finish(id, job, CANCELLED)
    noteFinished(id, job, redis.call('HGET', errors, id))
  elseif job[STATE] ~= WAITING and job[ATTEMPTS] - job[FAILURES] >= job[MAXCRASHES] then
    finishBecause(id, job, FAILED, LEASE_EXPIRED)
  else
    finishBecause(id, job, CANCELLED, DEADLINE_PASSED)
  end
end
