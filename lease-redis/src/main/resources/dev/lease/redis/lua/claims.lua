-- Takes jobs that are due and not held [Q11-Q21].
-- USES: moves
-- KEYS: bodies
-- ARGV: worker, most jobs, duration of the leases, most bytes of bodies, how many of them were given before.
-- Answer: their expiry; 1 if it has to be asked again for the rest, since there is much to bring back and to end, 2 if
--         it left jobs that are too large to be given together, else 0; the bytes given, those before included;
--         then for each job: id, token, type, attempt, most attempts, priority, due, body.
local worker, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local mostBytes, bytes = tonumber(ARGV[4]), tonumber(ARGV[5])
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
  if bytes > 0 and bytes + size > mostBytes then
    return false
  end
  bytes = bytes + size
  return true
end

-- Looks at jobs in their places, and ends those that may not run. Those that may are to be given, unless they are too large.
local function meet(found, places, set)
  local toGive = {}
  for i, id in ipairs(found) do
    local job = load(id)
    local isHere = job and (job[STATE] == WAITING or job[STATE] == EXPIRED)
    if isHere and (job[STATE] == WAITING or mayRunAgain(job)) then
      if not fits(id, job) then
        isFull = true
        return toGive
      end
      toGive[#toGive + 1] = id
    else
      hasMoved = hasMoved or unreadable[id] ~= LATER
    end
    if unreadable[id] ~= LATER then
      write('ZREM', set, places[i])
    end
    if unreadable[id] == DAMAGED then
      setAside(id)
    elseif isHere and job[STATE] == EXPIRED then
      write('ZREM', expired, places[i])
      if not mayRunAgain(job) then
        giveUp(id, job)
        enter(id, job)
        save(id, job)
      end
    end
  end
  return toGive
end

local function giveAll(toGive)
  for i, text in ipairs(redis.call('HMGET', bodies, unpack(toGive))) do
    local id = toGive[i]
    local job = load(id)
    if job[STATE] == WAITING and job[ATTEMPTS] > 0 then
      retries = retries - 1
    end
    if text then
      give(id, job, text)
    else
      write('HSET', errors, id, 'its payload is lost')
      finish(id, job, FAILED)
      hasMoved = true
    end
    enter(id, job)
    save(id, job)
  end
end

local function take(priority)
  local set, passed = waiting[priority + 1], 0
  while #ids < limit and seen < MOST_SEEN and not isFull do
    local wanted = limit - #ids
    local places = redis.call('ZRANGE', set, '-inf', now, 'BYSCORE', 'LIMIT', passed, wanted)
    if #places == 0 then
      break
    end
    local found = idsOf(places)
    loadAll(found)
    local toGive = meet(found, places, set)
    if #toGive > 0 then
      giveAll(toGive)
    end
    passed = passed + #places
    seen = seen + #places
    if #places < wanted then
      break
    end
  end
end

-- What has to be done after it, as the answer says it.
local function takeAll()
  local broughtBack = bringBack()
  for priority = 9, 0, -1 do
    if redis.call('EXISTS', waiting[priority + 1]) == 1 then
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
  answer[n + 1], answer[n + 2], answer[n + 3] = expiry, rest, bytes
  for i, id in ipairs(ids) do
    local job = load(id)
    n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, job[TOKEN], job[TYPE], job[ATTEMPTS]
    answer[n + 5], answer[n + 6], answer[n + 7], answer[n + 8] = job[MAX], job[PRIORITY], job[DUE], texts[i]
  end
  return answer
end
