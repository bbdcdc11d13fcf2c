-- Takes jobs that are due and not held [Q11-Q21].
-- USES: moves
-- KEYS: bodies
-- ARGV: worker, most jobs, duration of the leases, most bytes of bodies, how many of them were given before, or -1 if no
--       job was, most jobs to end.
-- Answer: their expiry; 1 if it has to be asked again for the rest, since there is much to bring back and to end, 2 if
--         it left jobs that are too large to be given together, or too many to be ended, else 0; the bytes given, those
--         before included; the jobs that it ended, of each its id, type, state, attempts and error;
--         then for each job given: id, token, type, attempt, most attempts, priority, due, body.
local worker, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local mostBytes, bytes, mostEnded = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local paused, lastToken = unpack(redis.call('HMGET', meta, 'paused', 'token'))

-- How many jobs it looks at: a script blocks the server.
local MOST_SEEN = 2000
local seen = 0
local isFull = false

-- True if it changed anything but by giving a job, so that it is worth asking again.
local hasMoved = false

-- Brings some expired jobs back to their places among the waiting. True if there may be more.
local MOST_AT_ONCE = 1000

local function bringBack()
  local late = redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_AT_ONCE)
  local all = idsOf(late)
  loadAll(all)
  for i, id in ipairs(all) do
    local job = load(id)
    if unreadable[id] ~= LATER then
      write('ZREM', held, late[i])
      hasMoved = true
    end
    if unreadable[id] == DAMAGED then
      setAside(id)
    elseif job and job[STATE] == HELD then
      job[STATE] = EXPIRED
      enter(id, job)
      save(id, job)
    end
  end
  writeAll()
  return #late == MOST_AT_ONCE
end

local expiry = now + duration
local token = math.max(tonumber(lastToken or 0) + 1, now) - 1
local ids, texts = {}, {}

local function give(id, job, text)
  token = token + 1
  job[STATE] = HELD
  job[ATTEMPTS] = job[ATTEMPTS] + 1
  job[TOKEN] = token
  job[OWNER] = worker
  job[END] = expiry
  job[MARK] = ''
  ids[#ids + 1] = id
  texts[#texts + 1] = text
end

local function fits(id, job)
  local size = job[SIZE]
  if size < 0 then
    size = redis.call('HSTRLEN', bodies, id)
  end
  if bytes < 0 then
    bytes = size
  elseif bytes + size > mostBytes then
    return false
  else
    bytes = bytes + size
  end
  return true
end

-- What does not run, so that it leaves its place for another, or for none if it is not there. False if it has to stay.
local function endOf(id, job, place)
  if unreadable[id] == LATER then
    return false
  elseif unreadable[id] then
    setAside(id)
  elseif job and job[STATE] == EXPIRED then
    write('ZREM', expired, place)
    giveUp(id, job)
    enter(id, job)
    save(id, job)
  end
  hasMoved = true
  return true
end

-- Looks at jobs in their places, from the first of a set on, and ends those that may not run, unless there are too many.
-- Those that may are to be given, unless they are too large. Tells how many leave before the first that has to stay.
local function meet(found, places, set, leaving, stays)
  local toGive = {}
  for i, id in ipairs(found) do
    local job = loaded[id]
    local state = job and job[STATE]
    local leaves = true
    if state == WAITING then
      if not fits(id, job) then
        isFull = true
        break
      end
      toGive[#toGive + 1] = id
    elseif state == EXPIRED and mayRunAgain(job) then
      if not fits(id, job) then
        isFull = true
        break
      end
      toGive[#toGive + 1] = id
      noteFailure(id, job, LEASE_EXPIRED)
      write('ZREM', expired, places[i])
    elseif state == EXPIRED and #ended >= mostEnded then
      isFull = true
      break
    else
      leaves = endOf(id, job, places[i])
    end
    stays = stays or not leaves
    if not stays then
      leaving = leaving + 1
    elseif leaves then
      write('ZREM', set, places[i])
    end
  end
  return toGive, leaving, stays
end

local PAYLOAD_LOST = 'its payload is lost'

local function giveAll(toGive)
  for i, text in ipairs(redis.call('HMGET', bodies, unpack(toGive))) do
    local id = toGive[i]
    local job = loaded[id]
    if job[STATE] == WAITING and job[ATTEMPTS] > 0 then
      retries = retries - 1
    end
    if text then
      give(id, job, text)
    else
      write('HSET', errors, id, PAYLOAD_LOST)
      finish(id, job, FAILED)
      noteEnd(id, job, PAYLOAD_LOST)
      hasMoved = true
    end
    enter(id, job)
    save(id, job)
  end
end

local function take(priority)
  local set, passed, leaving, stays, toGive = waiting[priority + 1], 0, 0, false, nil
  while #ids < limit and seen < MOST_SEEN and not isFull do
    local wanted = limit - #ids
    local places = redis.call('ZRANGE', set, '-inf', now, 'BYSCORE', 'LIMIT', passed, wanted)
    if #places == 0 then
      break
    end
    local found = idsOf(places)
    loadAll(found)
    toGive, leaving, stays = meet(found, places, set, leaving, stays)
    if #toGive > 0 then
      giveAll(toGive)
    end
    passed = passed + #places
    seen = seen + #places
    if #places < wanted then
      break
    end
  end
  if leaving > 0 then
    write('ZREMRANGEBYRANK', set, 0, leaving - 1)
  end
end

-- What has to be done after it, as the answer says it.
local function takeAll()
  local broughtBack = bringBack()
  local sets = redis.call('EXISTS', unpack(waiting))
  for priority = 9, 0, -1 do
    if sets > 0 and redis.call('EXISTS', waiting[priority + 1]) == 1 then
      sets = sets - 1
      take(priority)
    end
  end
  if #ids > 0 then
    write('HSET', meta, 'token', string.format('%.0f', token))
  end
  writeMoves()
  if isFull then
    return 2
  end
  return #ids < limit and hasMoved and (broughtBack or seen >= MOST_SEEN) and 1 or 0
end

-- Adds its answer to another.
local function claim(answer)
  local rest = limit > 0 and not paused and takeAll() or 0
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = expiry, rest, bytes, ended
  for i, id in ipairs(ids) do
    local job = loaded[id]
    n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, job[TOKEN], job[TYPE], job[ATTEMPTS]
    answer[n + 5], answer[n + 6], answer[n + 7], answer[n + 8] = job[MAX], job[PRIORITY], job[DUE], texts[i]
  end
  return answer
end
