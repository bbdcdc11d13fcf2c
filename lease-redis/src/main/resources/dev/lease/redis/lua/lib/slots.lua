-- Passes slots on: at most so many jobs of a key are admitted, and at most so many jobs with a key are open [Q61-Q71,
-- Q94, Q95]. What brings a job with a key, or frees a slot, touches the key, and passes on at its end.
-- USES: stands
-- KEYS: shelf line coming limits

-- Sorted sets whose members all have the score 0, so that they are in the order of their bytes:
-- "shelf" has the waiting jobs without a slot: the key and a zero byte; then 'd', 9 minus the priority and the due time
-- if the job is due, or 'w', the due time and 9 minus the priority if it is not; then the place of the job.
-- "line" has the admitted jobs that are not open: 9 minus the priority, the turn, and the place.
-- "coming" has the time at which to look at a key again, so that claims do: the key, a zero byte, and the place of the
-- job that is due then, or nothing. With an empty key it is about all keys behind the one that follows.
local DUE_NOW, NOT_DUE = 'd', 'w'

local function digits(micros)
  return string.format('%016.0f', micros)
end

local function dueMember(id, job)
  return job[JOBKEY] .. '\0' .. DUE_NOW .. 9 - job[PRIORITY] .. digits(job[DUE]) .. member(id, job)
end

local function notDueMember(id, job)
  return job[JOBKEY] .. '\0' .. NOT_DUE .. digits(job[DUE]) .. 9 - job[PRIORITY] .. member(id, job)
end

local function lineMember(id, job)
  return 9 - job[PRIORITY] .. digits(turnOf(job)) .. member(id, job)
end

-- The keys that were touched since the last pass, in order; and their new jobs that are not on the shelf, each as what
-- follows the letter there.
local isTouched, touched, arrivals = {}, {}, {}

local function touch(key)
  if not isTouched[key] then
    isTouched[key] = true
    touched[#touched + 1] = key
  end
end

local function arrive(key, tail)
  touch(key)
  local ofKey = arrivals[key]
  if not ofKey then
    ofKey = {}
    arrivals[key] = ofKey
  end
  ofKey[#ofKey + 1] = tail
end

-- A job with a key has finished, or is put off: its slot is free, if it had one.
local function free(id, job)
  write('ZREM', admitted, seatOf(id, job))
  touch(job[JOBKEY])
end

-- Takes a waiting job with a key from where it stands. It keeps its slot.
local function leave(id, job)
  write('ZREM', waiting[job[PRIORITY] + 1], member(id, job))
  write('ZREM', line, lineMember(id, job))
  write('ZREM', shelf, dueMember(id, job))
  write('ZREM', shelf, notDueMember(id, job))
  write('ZREM', coming, seatOf(id, job))
end

-- Puts a waiting job with a key where it stands.
local function stand(id, job, where)
  touch(job[JOBKEY])
  if where == OPEN then
    write('ZADD', waiting[job[PRIORITY] + 1], turnOf(job), member(id, job))
  elseif where == IN_LINE then
    write('ZADD', line, 0, lineMember(id, job))
  elseif job[DUE] <= now then
    write('ZADD', shelf, 0, dueMember(id, job))
  else
    write('ZADD', shelf, 0, notDueMember(id, job))
    write('ZADD', coming, job[DUE], seatOf(id, job))
  end
end

-- The hash "limits" has the limit of each key under the key, and that of every other key under '': slots, 1 if in order,
-- starts, period and burst; the slots of the queue under a zero byte; and under a zero byte and a key until when the key
-- is closed, and when its next job would start if all starts were evenly spread.
local limitOf, hasLimits, everyKey, queueSlots = {}, false, nil, nil

local function parsed(text)
  local slots, inOrder, starts, period, burst = string.match(text, '^(%d+) (%d) (%d+) (%d+) (%d+)$')
  local interval = tonumber(starts) > 0 and math.ceil(period / starts) or 0
  return tonumber(slots), inOrder == '1', interval, tonumber(burst)
end

local function limitFrom(text, pace)
  local limit = {}
  if text then
    limit.slots, limit.isInOrder, limit.interval, limit.burst = parsed(text)
  end
  if pace then
    local closed, even = string.match(pace, '^(%d+) (%d+)$')
    limit.closed, limit.even = tonumber(closed), tonumber(even)
  end
  return limit
end

-- Reads the limits of keys, with one command.
local function readLimits(keys)
  local fields, missing = {'', '\0'}, {}
  for _, key in ipairs(keys) do
    if not limitOf[key] then
      missing[#missing + 1] = key
      local n = #fields
      fields[n + 1], fields[n + 2] = key, '\0' .. key
    end
  end
  if hasLimits and #missing == 0 then
    return
  end
  hasLimits = true
  local texts = redis.call('HMGET', limits, unpack(fields))
  everyKey, queueSlots = texts[1], tonumber(texts[2])
  for i, key in ipairs(missing) do
    limitOf[key] = limitFrom(texts[2 * i + 1] or everyKey, texts[2 * i + 2])
  end
end

local function isInOrder(key)
  readLimits({key})
  return limitOf[key].isInOrder
end

-- Before when no job of a key starts.
local function nextStart(limit, earliest)
  local start = math.max(earliest, limit.closed or 0)
  if (limit.interval or 0) > 0 and limit.even then
    start = math.max(start, limit.even - limit.interval * limit.burst)
  end
  return start
end

local function writePace(key, limit)
  write('HSET', limits, '\0' .. key, string.format('%.0f %.0f', limit.closed or 0, limit.even or 0))
end

-- When the next job of a key starts, which is then taken.
local function takeStart(key, limit)
  local start = nextStart(limit, now)
  if (limit.interval or 0) > 0 then
    limit.even = math.max(start, limit.even or 0) + limit.interval
    writePace(key, limit)
  end
  return start
end

-- How many jobs this script admitted, and how many it may admit, since a script blocks the server: claims go on with the
-- others. How many it opened, and the highest priority among them.
local MOST_ADMITTED = 2000
local admittedNow, mostAdmitted, opened, openedPriority = 0, MOST_ADMITTED, 0, -1

-- Those that are to stand in the line, each with its turn.
local lined = {}

local function open(urgency, turn, place)
  local priority = 9 - urgency
  write('ZADD', waiting[priority + 1], turn, place)
  opened, openedPriority = opened + 1, math.max(openedPriority, priority)
end

-- Admits a job. One that has just arrived keeps its due time as its turn [Q65].
local function admit(key, limit, tail, isNew)
  local start, place = takeStart(key, limit), string.sub(tail, 18)
  local turn = isNew and start <= now and tonumber(string.sub(tail, 2, 17)) or start
  admittedNow = admittedNow + 1
  write('ZADD', admitted, 0, key .. '\0' .. place)
  if start > now or queueSlots then
    lined[#lined + 1] = {place, turn}
  else
    open(string.sub(tail, 1, 1), turn, place)
  end
end

-- Jobs that have become due on the shelf: what follows the letter there if they are due.
local function cameDue(key)
  local from, tails = key .. '\0' .. NOT_DUE, {}
  local met = redis.call(
    'ZRANGE', shelf, '[' .. from, '(' .. from .. digits(now + 1), 'BYLEX', 'LIMIT', 0, MOST_ADMITTED
  )
  for i, each in ipairs(met) do
    local due, urgency, place = string.sub(each, #from + 1, #from + 16), string.sub(each, #from + 17, #from + 17),
      string.sub(each, #from + 18)
    write('ZREM', shelf, each)
    write('ZREM', coming, key .. '\0' .. place)
    tails[i] = urgency .. due .. place
  end
  if #met == MOST_ADMITTED then
    write('ZADD', coming, 0, key .. '\0')
  end
  return tails
end

local function isBefore(one, other)
  local first, second = string.sub(one, 1, 17), string.sub(other, 1, 17)
  if first ~= second then
    return first < second
  end
  return (struct.unpack(PACKED_SEQ, string.sub(one, 18))) < (struct.unpack(PACKED_SEQ, string.sub(other, 18)))
end

-- Admits the first of the jobs given, and puts the others onto the shelf if they are not there.
local function choose(key, limit, free, tails, isShelved, isNew)
  table.sort(tails, isBefore)
  for i, tail in ipairs(tails) do
    local shelfMember = key .. '\0' .. DUE_NOW .. tail
    if i <= free then
      admit(key, limit, tail, isNew[tail])
      if isShelved[tail] then
        write('ZREM', shelf, shelfMember)
      end
    elseif not isShelved[tail] then
      write('ZADD', shelf, 0, shelfMember)
    end
  end
end

-- Gives the free slots of a key to its first jobs that are due.
local function passOnKey(key, hasShelf, someCame)
  local limit, new = limitOf[key], arrivals[key] or {}
  local came = someCame and cameDue(key) or {}
  if not hasShelf and #new == 0 then
    return
  end
  local free = mostAdmitted - admittedNow
  if limit.slots then
    free = math.min(free, limit.slots - redis.call('ZLEXCOUNT', admitted, '[' .. key .. '\0', '(' .. key .. '\1'))
  end
  local from, met = key .. '\0' .. DUE_NOW, {}
  if hasShelf and free > 0 then
    met = redis.call('ZRANGE', shelf, '[' .. from, '(' .. key .. '\0e', 'BYLEX', 'LIMIT', 0, free)
  end
  if #new == 0 and #came == 0 then
    for _, each in ipairs(met) do
      admit(key, limit, string.sub(each, #from + 1))
      write('ZREM', shelf, each)
    end
  else
    local isShelved, isNew = {}, {}
    for _, tail in ipairs(new) do
      isNew[tail] = true
      came[#came + 1] = tail
    end
    for _, each in ipairs(met) do
      local tail = string.sub(each, #from + 1)
      isShelved[tail] = true
      came[#came + 1] = tail
    end
    choose(key, limit, free, came, isShelved, isNew)
  end
  if admittedNow >= mostAdmitted then
    write('ZADD', coming, 0, key .. '\0')
  end
end

-- Puts jobs into the line. Their rows say when their turns are.
local function lineUp()
  local ids = {}
  for i, each in ipairs(lined) do
    ids[i] = idOf(each[1])
    loaded[ids[i]] = nil
  end
  loadAll(ids)
  for i, id in ipairs(ids) do
    local job = load(id)
    if job then
      job[TURN] = lined[i][2]
      save(id, job)
      write('ZADD', line, 0, lineMember(id, job))
    end
  end
  lined = {}
end

-- Gives the free slots of the queue to those in the line whose start has come.
local function openLine()
  local inLine = redis.call('ZCARD', line)
  local free = inLine > 0 and mostAdmitted or 0
  if free > 0 and queueSlots then
    free = math.min(free, queueSlots - redis.call('ZCARD', admitted) + inLine)
  end
  for urgency = 0, 9 do
    if free <= 0 then
      break
    end
    local met = redis.call(
      'ZRANGE', line, '[' .. urgency, '(' .. urgency .. digits(now + 1), 'BYLEX', 'LIMIT', 0, free
    )
    for _, each in ipairs(met) do
      open(urgency, tonumber(string.sub(each, 2, 17)), string.sub(each, 18))
      write('ZREM', line, each)
    end
    free = free - #met
  end
  writeAll()
end

-- Whether a job has become due on the shelf, as far as this script knows.
local someCame = false

-- Passes on the slots of the keys that were touched. All else has to be written before.
local function passOn()
  local keys = touched
  isTouched, touched, openedPriority = {}, {}, -1
  local hasShelf = redis.call('EXISTS', shelf) == 1
  local hasLine = redis.call('EXISTS', line) == 1
  if not hasShelf and not hasLine and next(arrivals) == nil then
    return
  end
  readLimits(keys)
  someCame = someCame
    or hasShelf and #redis.call('ZRANGE', coming, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0
  for _, key in ipairs(keys) do
    passOnKey(key, hasShelf, someCame)
  end
  arrivals = {}
  writeAll()
  if #lined > 0 then
    lineUp()
    writeAll()
    hasLine = true
  end
  if hasLine then
    openLine()
  end
end

-- Touches the keys on the shelf behind one, some at a time. The set "coming" keeps where to go on.
local MOST_WALKED = 200

local function walk(key)
  for _ = 1, MOST_WALKED do
    local from = key == '' and '-' or '[' .. key .. '\1'
    local met = redis.call('ZRANGE', shelf, from, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
    if not met then
      return
    end
    key = string.match(met, '^%Z*')
    touch(key)
  end
  write('ZADD', coming, 0, '\0' .. key)
end

-- Touches the keys that have to be looked at now. True if there may be more.
local MOST_COMING = 1000

local function lookAtComing()
  local met = redis.call('ZRANGE', coming, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_COMING)
  local walks = false
  for _, each in ipairs(met) do
    local key = string.match(each, '^%Z*')
    write('ZREM', coming, each)
    if key ~= '' then
      touch(key)
    else
      walk(string.sub(each, 2))
      walks = true
    end
  end
  someCame = someCame or #met > 0
  writeAll()
  return walks or #met == MOST_COMING
end

-- Wakes workers if more jobs were opened than this script gives.
local function hintOpened(given)
  if opened > given then
    redis.pcall('PUBLISH', work, '')
  end
end
