-- Claims jobs that are due and not held [Q11-Q21].
-- USES: graphs bodies
-- KEYS: floor
-- ARGV: owner; the most jobs; lease duration; the most bytes of bodies; the bytes that earlier scripts of this claim
--       gave, or -1 if they gave no job; the most jobs to finish.
-- Answer: the expiry of the leases; 1 if the script stopped at its own limit and must run again, 2 if it left jobs
--         because they have too many bytes or too many would be finished, 3 if there are more keys or parts of graphs to
--         look at, else 0;
--         the bytes given, with those before;
--         the jobs that it finished, each with id, type, state, attempts, failures and error; the jobs that it gave,
--         each with id, token, type, attempt, failures, most crashes, most failures, priority, due time, deadline and
--         body; the ids and keys of those that have keys.
-- Bound: 2,000 waiting jobs, 1,000 expired ones, 2,000 that were put aside, 1,200 keys of which 2,000 jobs are
--        admitted, and 1,000 jobs of graphs that are let go or cancelled.
local owner, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local mostBytes, bytes, mostFinished = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local paused, lastToken, isKeyed, isMoving = unpack(redis.call('HMGET', meta, 'paused', 'token', 'keyed', 'moving'))

-- The most jobs that it looks at in waiting sets, because a script blocks the server.
local MOST_SEEN = 2000
local seen = 0
local isFull = false

-- Whether it changed anything besides giving jobs. Only then can another run find more.
local hasMoved = false

-- Puts some expired jobs back among the waiting ones. True if there may be more.
local MOST_AT_ONCE = 1000

local function bringBack()
  local late = redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_AT_ONCE)
  if #late == 0 then
    return false
  end
  local all = idsOf(late)
  loadAll(all)
  for i, id in ipairs(all) do
    local job = load(id)
    write('ZREM', held, late[i])
    if unreadable[id] then
      putAside(id, late[i])
    elseif job and job[STATE] == HELD then
      job[STATE] = EXPIRED
      enter(id, job)
      save(id, job)
    end
  end
  writeAll()
  hasMoved = true
  return #late == MOST_AT_ONCE
end

local expiry = now + duration
local expiryText = string.format('%.0f', expiry)
-- A queue that was forgotten has no last token; those of its slot have a floor together.
lastToken = tonumber(lastToken or redis.call('GET', floor) or 0)
local token = math.max(lastToken + 1, now) - 1

-- The answer for the jobs given, which of them there are, and their places in the set "held".
local given, isGiven, places = {}, {}, {}
local OF_GIVEN = 11

-- The numbers of the jobs given whose bodies lie apart.
local apart = {}

-- Gives a job.
local function give(
  id, seq, state, cancel, attempts, failures, priority, due, mostCrashes, type, mostFailures, notAfter, rest, body
)
  if state == WAITING and attempts > 0 then
    retries = retries - 1
  end
  token = token + 1
  attempts = attempts + 1
  isGiven[id] = true
  write('HSET', jobs, id, packRow(HEAD, ROW, HELD, cancel, attempts, failures, token, expiry, owner, '') .. rest)
  places[#places + 1] = seq .. id
  if body then
    write('ZADD', held, expiryText, places[#places])
  else
    apart[#apart + 1] = #places
  end
  local n = #given
  given[n + 1], given[n + 2], given[n + 3], given[n + 4], given[n + 5] = id, token, type, attempts, failures
  given[n + 6], given[n + 7], given[n + 8], given[n + 9], given[n + 10] = mostCrashes, mostFailures, priority, due, notAfter
  given[n + 11] = body
end

local function fits(size)
  if bytes < 0 then
    bytes = size
  elseif bytes + size > mostBytes then
    isFull = true
  else
    bytes = bytes + size
  end
  return not isFull
end

-- Gives a job, unless it is too large. False if its row does not say that it waits.
local function givePlain(
  id, row, turn,
  isUnpacked, version, state, cancel, attempts, failures, _, ending, before, mark, seq, priority, due, _, mostCrashes,
  type, size, more, last
)
  if not isUnpacked or version ~= ROW or state ~= WAITING
      or not isSoundRow(row, last, state, priority, due, ending, size) then
    return false
  end
  local isSound, _, _, mostFailures, notAfter, _, jobKey, waitsFor, isMember = unpackedMore(more)
  if not isSound or isOverdue(notAfter) or waitsFor == FOR_PARTS or not hasOnlyOurs(priority, waitsFor, isMember) then
    return false
  end
  if fits(size) then
    local rest = restOf(row, before, mark)
    local body = #row + 1 - last == size and string.sub(row, last)
    if jobKey ~= '' then
      rest = slots().give(id, jobKey, rest, #row + 1 - last, due, turn)
    end
    give(
      id, seq, state, cancel, attempts, failures, priority, due, mostCrashes, type, mostFailures, notAfter, rest, body
    )
  end
  return true
end

-- Whether a claim finishes the job instead of giving it.
local function isSpent(job)
  return job[STATE] == WAITING and isOverdue(job[NOTAFTER]) and not isWaitingForParts(job)
    or job[STATE] == EXPIRED and not mayRunAgain(job)
end

-- Gives a waiting or expired job that may run. False if it may not.
local function giveLoaded(id, row, place, turn)
  local job = loaded[id]
  local state = job and job[STATE]
  if state ~= WAITING and state ~= EXPIRED or isSpent(job) or isWaitingForParts(job) then
    return false
  end
  if fits(job[SIZE]) then
    if state == EXPIRED then
      noteFailure(id, job, LEASE_EXPIRED)
      write('ZREM', expired, place)
    end
    local rest = restOf(row, job[OWNER], job[MARK])
    if job[JOBKEY] ~= '' then
      rest = slots().give(id, job[JOBKEY], rest, job[BODY] and job[SIZE] or 0, job[DUE], turn)
    end
    give(
      id, job[SEQ], state, job[CANCEL], job[ATTEMPTS], job[FAILURES], job[PRIORITY], job[DUE], job[MAXCRASHES],
      job[TYPE], job[MAXFAILURES], job[NOTAFTER], rest, job[BODY]
    )
  end
  return true
end

-- What becomes of a job that may not run: it is finished or put aside, or forgotten if it does not exist.
local function endOf(id, job, place)
  if unreadable[id] then
    putAside(id, place)
  elseif job and isSpent(job) then
    if job[STATE] == EXPIRED then
      write('ZREM', expired, place)
    elseif job[ATTEMPTS] > 0 then
      retries = retries - 1
    end
    giveUp(id, job)
    enter(id, job)
    save(id, job)
  end
  hasMoved = true
end

-- Gives a job or finishes it.
local function giveOrFinish(id, row, place, turn)
  if isGiven[id] then
    return
  elseif loaded[id] == nil then
    if givePlain(id, row, turn, unpacked(row)) then
      return
    end
    note(id, row)
  end
  local job = loaded[id]
  if giveLoaded(id, row, place, turn) then
    return
  elseif job and isSpent(job) and #finishedJobs >= mostFinished then
    isFull = true
  else
    endOf(id, job, place)
  end
end

local function writeGiven()
  if #places > 0 then
    write('HSET', meta, 'token', string.format('%.0f', token))
  end
  writeMoves()
end

local PAYLOAD_LOST = 'its payload is lost'

-- Reads the bodies that lie apart, with one command for those that lie together.
local function readApart()
  local nth = 1
  while nth <= #apart do
    local first, hash, wanted = nth, hashOf(places[apart[nth]]), {}
    while apart[nth] and hashOf(places[apart[nth]]) == hash do
      wanted[#wanted + 1] = given[OF_GIVEN * (apart[nth] - 1) + 1]
      nth = nth + 1
    end
    for i, text in ipairs(redis.call('HMGET', hash, unpack(wanted))) do
      given[OF_GIVEN * apart[first + i - 1]] = text
    end
  end
end

-- Adds the bodies that lie apart to the jobs given, and holds these jobs. A job whose body is lost becomes FAILED.
local function addApart()
  readApart()
  for i = #apart, 1, -1 do
    local nth = apart[i]
    local id = given[OF_GIVEN * (nth - 1) + 1]
    if given[OF_GIVEN * nth] then
      write('ZADD', held, expiryText, places[nth])
    else
      for at = OF_GIVEN * nth, OF_GIVEN * (nth - 1) + 1, -1 do
        table.remove(given, at)
      end
      table.remove(places, nth)
      local job = load(id)
      finishBecause(id, job, FAILED, PAYLOAD_LOST)
      enter(id, job)
      save(id, job)
      hasMoved = true
    end
  end
  apart = {}
end

-- Looks at the jobs of a priority in order, until enough are given or a limit is reached. Each leaves its place. If a job
-- with a key is finished, its slot is passed on at once, and the jobs read before count unless that opened a better one.
-- True if it opened a job of a higher priority.
local function take(priority)
  local set, leaving, hasPassedOn, beginsAgain = waiting[priority + 1], 0, false, false
  local function passOnNow()
    if leaving > 0 then
      write('ZREMRANGEBYRANK', set, 0, leaving - 1)
      leaving = 0
    end
    writeGiven()
    hasPassedOn, beginsAgain = true, beginsAgain or keyTools.openedPriority > priority
  end

  while #places < limit and seen < MOST_SEEN and not isFull do
    local wanted = math.min(limit - #places, MOST_SEEN - seen)
    local met, turns
    hasPassedOn = false
    if isKeyed then
      met, turns = slots().withTurns(set, leaving, wanted)
    else
      met = redis.call('ZRANGE', set, '-inf', now, 'BYSCORE', 'LIMIT', leaving, wanted)
    end
    if #met == 0 then
      break
    end
    local ids = idsOf(met)
    local rows = redis.call('HMGET', jobs, unpack(ids))
    for i, id in ipairs(ids) do
      giveOrFinish(id, rows[i], met[i], turns and turns[i] or 0)
      if isFull then
        break
      end
      leaving = leaving + 1
      if keyTools and #keyTools.touched > 0 then
        passOnNow()
        if beginsAgain or not turns or keyTools.hasOpenedBefore(tonumber(turns[#met]), met[#met]) then
          break
        end
      end
    end
    if #apart > 0 then
      addApart()
      if keyTools and #keyTools.touched > 0 then
        passOnNow()
      end
    end
    seen = seen + #met
    if beginsAgain then
      return true
    elseif not hasPassedOn and #met < wanted then
      break
    end
  end
  if leaving > 0 then
    write('ZREMRANGEBYRANK', set, 0, leaving - 1)
  end
  return false
end


-- Claims, and returns the second part of the answer. It takes back as many jobs as it wants: more would wait where
-- workers of an earlier version put them aside again. If that gives it too few, the next run finds more.
local function takeAll(isMoreDue)
  local tookBack, broughtBack = takeBack(0, limit), bringBack()
  if keyTools and #keyTools.touched > 0 then
    keyTools.passOn()
  end
  local sets, priority = redis.call('EXISTS', unpack(waiting)), 9
  while sets > 0 and priority >= 0 do
    if redis.call('EXISTS', waiting[priority + 1]) == 1 then
      local openedBefore = keyTools and keyTools.opened
      local beginsAgain = take(priority)
      sets = keyTools and keyTools.opened ~= openedBefore and redis.call('EXISTS', unpack(waiting)) or sets - 1
      priority = beginsAgain and 10 or priority
    end
    priority = priority - 1
  end
  writeGiven()
  local letGoBefore = graphTools and graphTools.letGo
  writeEnds()
  if isFull then
    return 2
  elseif #places < limit and tookBack then
    -- What was read before this claim gave jobs is old.
    loaded, unreadable = {}, {}
    takeBack(0, MOST_TAKEN_BACK)
    return 1
  end
  if #places == limit then
    return 0
  end
  return hasMoved and (broughtBack or seen >= MOST_SEEN) and 1 or (isMoreDue or hasOpenedParts(letGoBefore or 0)) and 3 or 0
end

-- Claims, and appends the answer to another one.
local function claim(answer)
  local isMoreDue = false
  if isMoving and limit > 0 then
    graphs().goOn()
  end
  -- The first jobs with keys may have been let go by this script.
  isKeyed = isKeyed or keyTools ~= nil
  if isKeyed and limit > 0 then
    isMoreDue = slots().lookAtComing()
    slots().passOn()
    isMoreDue = isMoreDue or keyTools.moreCame
  end
  local rest = limit > 0 and not paused and takeAll(isMoreDue) or 0
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4], answer[n + 5] = expiry, rest, bytes, finishedJobs, given
  answer[n + 6] = keyTools and keyTools.given
  return answer
end
