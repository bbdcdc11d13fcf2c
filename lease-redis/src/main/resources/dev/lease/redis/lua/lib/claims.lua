-- Takes jobs that are due and not held [Q11-Q21].
-- USES: moves
-- KEYS: bodies
-- ARGV: owner, most jobs, duration of the leases, most bytes of bodies, how many of them were given before, or -1 if no
--       job was, most jobs to end.
-- Answer: their expiry; 1 if it has to be asked again for the rest, since there is much to bring back and to end, 2 if
--         it left jobs that are too large to be given together, or too many to be ended, else 0; the bytes given, those
--         before included; the jobs that it ended, of each its id, type, state, attempts and error;
--         then of the jobs given each its id, token, type, attempt, most attempts, priority, due and body.
local owner, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
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
  if #late == 0 then
    return false
  end
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
local expiryText = string.format('%.0f', expiry)
local token = math.max(tonumber(lastToken or 0) + 1, now) - 1

-- What is answered of the jobs given, which they are, and their places among those that are held.
local given, isGiven, places = {}, {}, {}
local OF_GIVEN = 8

-- Gives a job, but for its body.
local function give(id, state, attempts, seq, priority, due, cancel, most, type, key, keep, created, size)
  if state == WAITING and attempts > 0 then
    retries = retries - 1
  end
  token = token + 1
  attempts = attempts + 1
  isGiven[id] = true
  write('HSET', jobs, id, packRow(
    PACKED, ROW, HELD, attempts, token, seq, priority, due, expiry, owner, cancel, most, type, key, keep, created, '', size
  ))
  places[#places + 1] = seq .. id
  local n = #given
  given[n + 1], given[n + 2], given[n + 3], given[n + 4] = id, token, type, attempts
  given[n + 5], given[n + 6], given[n + 7], given[n + 8] = most, priority, due, false
end

local function fits(id, size)
  if size < 0 then
    size = redis.call('HSTRLEN', bodies, id)
  end
  if bytes < 0 then
    bytes = size
  elseif bytes + size > mostBytes then
    isFull = true
  else
    bytes = bytes + size
  end
  return not isFull
end

-- Gives a job that waits, unless it is too large. False if its row says otherwise.
local function givePlain(
  id, row,
  isUnpacked, version, state, attempts, _, seq, priority, due, ending, _, cancel, most, type, key, keep, created, _, size, last
)
  if not isUnpacked or version ~= ROW or state ~= WAITING or not isSoundRow(row, last, state, seq, priority, due, ending) then
    return false
  end
  if fits(id, size) then
    give(id, state, attempts, seq, priority, due, cancel, most, type, key, keep, created, size)
  end
  return true
end

-- Gives one that waits and whose row was written by the first layout, or one that was brought back. False if it is neither.
local function giveLoaded(id, place)
  local job = loaded[id]
  local state = job and job[STATE]
  if state ~= WAITING and not (state == EXPIRED and mayRunAgain(job)) then
    return false
  end
  if fits(id, job[SIZE]) then
    if state == EXPIRED then
      noteFailure(id, job, LEASE_EXPIRED)
      write('ZREM', expired, place)
    end
    give(
      id, state, job[ATTEMPTS], job[SEQ], job[PRIORITY], job[DUE], job[CANCEL], job[MAX], job[TYPE], job[KEY], job[KEEP],
      job[CREATED], job[SIZE]
    )
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

-- Gives a job or ends it. False if it has to stay in its place.
local function giveOrEnd(id, row, place)
  if isGiven[id] then
    return true
  elseif loaded[id] == nil then
    if givePlain(id, row, unpacked(row)) then
      return true
    end
    note(id, row)
  end
  local job = loaded[id]
  if giveLoaded(id, place) then
    return true
  elseif job and job[STATE] == EXPIRED and #ended >= mostEnded then
    isFull = true
    return true
  end
  return endOf(id, job, place)
end

local PAYLOAD_LOST = 'its payload is lost'

-- Adds the bodies of the jobs given after the first ones, and holds them. Those whose body is lost are ended instead.
local function addBodies(before)
  local wanted = {}
  for i = before + 1, #places do
    wanted[#wanted + 1] = given[OF_GIVEN * (i - 1) + 1]
  end
  local texts = redis.call('HMGET', bodies, unpack(wanted))
  for i = #wanted, 1, -1 do
    local id, nth = wanted[i], before + i
    if texts[i] then
      given[OF_GIVEN * nth] = texts[i]
      write('ZADD', held, expiryText, places[nth])
    else
      for at = OF_GIVEN * nth, OF_GIVEN * (nth - 1) + 1, -1 do
        table.remove(given, at)
      end
      table.remove(places, nth)
      local job = load(id)
      write('HSET', errors, id, PAYLOAD_LOST)
      finish(id, job, FAILED)
      noteEnd(id, job, PAYLOAD_LOST)
      enter(id, job)
      save(id, job)
      hasMoved = true
    end
  end
end

-- Looks at the jobs of a priority in their order, until there are enough, or too many or too large ones.
local function take(priority)
  local set, passed, leaving, stays = waiting[priority + 1], 0, 0, false
  while #places < limit and seen < MOST_SEEN and not isFull do
    local before = #places
    local wanted = limit - before
    local met = redis.call('ZRANGE', set, '-inf', now, 'BYSCORE', 'LIMIT', passed, wanted)
    if #met == 0 then
      break
    end
    local ids = idsOf(met)
    local rows = redis.call('HMGET', jobs, unpack(ids))
    for i, id in ipairs(ids) do
      local leaves = giveOrEnd(id, rows[i], met[i])
      if isFull then
        break
      end
      stays = stays or not leaves
      if not stays then
        leaving = leaving + 1
      elseif leaves then
        write('ZREM', set, met[i])
      end
    end
    if #places > before then
      addBodies(before)
    end
    passed = passed + #met
    seen = seen + #met
    if #met < wanted then
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
  if #places > 0 then
    write('HSET', meta, 'token', string.format('%.0f', token))
  end
  writeMoves()
  if isFull then
    return 2
  end
  return #places < limit and hasMoved and (broughtBack or seen >= MOST_SEEN) and 1 or 0
end

-- Adds its answer to another.
local function claim(answer)
  local rest = limit > 0 and not paused and takeAll() or 0
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4], answer[n + 5] = expiry, rest, bytes, ended, given
  return answer
end
