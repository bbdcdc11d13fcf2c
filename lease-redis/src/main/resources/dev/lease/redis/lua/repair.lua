-- Repairs a part of a queue: what a script that broke off, or a restore of half the keys, has left [Q44]. Each run goes
-- on where the last one stopped.
-- USES: recount bodies
-- ARGV: how long ago the last run must be at least.
-- Answer: 1, or 0 if the last run was not so long ago, or there is nothing.
-- Bound: a piece of each hash: about 500 jobs, 500 dedup keys, 500 limits, and 10 bodies or, of long ones, a MiB; 500 jobs
--        that are counted; 500 places in each of the sets of jobs with keys; and 500 jobs of graphs.
local PIECE = 500
local admitted, shelf, line, _, limits = unpack(keyed)
local repaired = tonumber(redis.call('HGET', meta, 'repaired') or 0)
if redis.call('EXISTS', jobs, taken, admitted, shelf, line, limits, unpack(bodies)) == 0
    or math.abs(now - repaired) < tonumber(ARGV[1]) then
  return {0}
end
evenIfFull(expired)
redis.call('HSET', meta, 'repaired', string.format('%.0f', now))

-- Where the last run stopped in each hash, and in which hash of bodies.
local inJobs, inKeys, inBodies, nth, inLimits, afterAdmitted, afterShelf, afterLine, isKeyed, afterMember, tally = unpack(
  redis.call(
    'HMGET', meta, 'scanned', 'scannedKeys', 'scannedBodies', 'scannedHash', 'scannedLimits', 'scannedAdmitted',
    'scannedShelf', 'scannedLine', 'keyed', 'scannedMembers', 'tally'
  )
)

-- The next piece of a hash: where it ends, '0' if it was the last one; fields and values.
local function piece(hash, cursor, size)
  return unpack(redis.call('HSCAN', hash, cursor or '0', 'COUNT', size))
end

-- Puts each job into its sets, because it may be missing there.
local rows, keys, texts
local waitingForParts = {}
inJobs, rows = piece(jobs, inJobs, PIECE)
for i = 1, #rows, 2 do
  local id = rows[i]
  note(id, rows[i + 1])
  if unreadable[id] == DAMAGED then
    putAside(id, placeAside(id))
  elseif not unreadable[id] then
    enter(id, load(id))
    isKeyed = isKeyed or load(id)[JOBKEY] ~= ''
    if isWaitingForParts(load(id)) then
      waitingForParts[#waitingForParts + 1] = id
    end
  end
end

-- Frees dedup keys that no job has.
inKeys, keys = piece(taken, inKeys, PIECE)
for i = 1, #keys, 2 do
  if not hasKey(keys[i + 1], keys[i]) then
    write('HDEL', taken, keys[i])
  end
end

-- Removes bodies of jobs that do not exist, or whose bodies lie elsewhere. Bodies can be large, so it reads one after the
-- other, few of them.
local FEW, MOST_BYTES = 10, 1048576
nth = tonumber(nth or 0) % #bodies
if redis.call('EXISTS', unpack(bodies)) > 0 then
  local hash, bytes, looks = bodies[nth + 1], 0, 0
  repeat
    inBodies, texts = piece(hash, inBodies, 1)
    for i = 1, #texts, 2 do
      local id = texts[i]
      local job = load(id)
      if not unreadable[id] and (not job or job[BODY] or hashOf(job[SEQ]) ~= hash) then
        write('HDEL', hash, id)
      end
      bytes = bytes + #texts[i + 1]
    end
    looks = looks + 1
  until bytes >= MOST_BYTES or looks >= FEW or inBodies == '0'
  if inBodies == '0' then
    nth = nth + 1
  end
end

-- Forgets when keys could start jobs again, a day later.
local A_DAY = 86400000000
local paces
inLimits, paces = piece(limits, inLimits, PIECE)
for i = 1, #paces, 2 do
  local closed, even = string.match(paces[i + 1], '^(%d+) (%d+)$')
  if #paces[i] > 1 and string.byte(paces[i]) == 0 and math.max(closed, even) < now - A_DAY then
    write('HDEL', limits, paces[i])
  end
end

-- The place of a job in a member of a set, see lib/slots.lua, and the key that the member begins with, or ''.
local function placeIn(set, each)
  if set == line then
    return string.sub(each, 18), ''
  elseif set ~= admitted and set ~= shelf then
    return each, ''
  end
  local key = string.match(each, '^%Z*')
  return string.sub(each, #key + (set == shelf and 20 or 2)), key
end

-- Looks at a piece of a set of jobs with keys. Places of jobs that do not belong there go, and so slots are free again
-- that jobs have lost. Free slots are passed on to the keys on the shelf. Returns where it stopped.
local function check(set, after, isRight)
  local members = redis.call('ZRANGE', set, '(' .. (after or ''), '+', 'BYLEX', 'LIMIT', 0, PIECE)
  local ids, ofKeys = {}, {}
  for i, each in ipairs(members) do
    local place, key = placeIn(set, each)
    ids[i], ofKeys[i] = idOf(place), key
  end
  loadAll(ids)
  for i, id in ipairs(ids) do
    local job, key = load(id), ofKeys[i]
    if not (isLater(id) or job and job[JOBKEY] ~= '' and not isWaitingForParts(job) and isRight(id, job, members[i])) then
      write('ZREM', set, members[i])
    end
    if key ~= '' then
      slots().touch(key)
    elseif job and job[JOBKEY] ~= '' then
      slots().touch(job[JOBKEY])
    end
  end
  return #members == PIECE and members[PIECE] or ''
end

if redis.call('EXISTS', admitted, shelf, line) > 0 then
  afterAdmitted = check(admitted, afterAdmitted, function(id, job, each)
    return not isFinished(job) and each == slots().seatOf(id, job)
  end)
  afterShelf = check(shelf, afterShelf, function(id, job, each)
    return job[STATE] == WAITING and (each == slots().dueMember(id, job) or each == slots().notDueMember(id, job))
      and slots().standOf(id, job) == ON_SHELF
  end)
  afterLine = check(line, afterLine, function(id, job, each)
    return job[STATE] == WAITING and each == slots().lineMember(id, job) and slots().standOf(id, job) == IN_LINE
  end)
end
-- Before the writes, which may break off: the next run goes on behind this piece. The loops above must not fail.
redis.call(
  'HSET', meta, 'scanned', inJobs, 'scannedKeys', inKeys, 'scannedBodies', inBodies or '0', 'scannedHash', nth,
  'scannedLimits', inLimits, 'scannedAdmitted', afterAdmitted or '', 'scannedShelf', afterShelf or '', 'scannedLine',
  afterLine or ''
)
if isKeyed then
  redis.call('HSET', meta, 'keyed', 1)
end
writeMoves()
if redis.call('EXISTS', graphed[1]) == 1 then
  afterMember, tally = recount(afterMember or '', tally or '')
  redis.call('HSET', meta, 'scannedMembers', afterMember, 'tally', tally)
  for _, id in ipairs(waitingForParts) do
    graphs().check(load(id))
  end
  graphs().resolve()
end

-- Counts the jobs that are to run again, if few enough wait.
local waitingNow, everyWaiting = 0, {later, shelf, line, unpack(waiting)}
for _, set in ipairs(everyWaiting) do
  waitingNow = waitingNow + redis.call('ZCARD', set)
end
if waitingNow < PIECE then
  local counted, isCounted = 0, {}
  for _, set in ipairs(everyWaiting) do
    local ids = {}
    for i, each in ipairs(redis.call('ZRANGE', set, 0, -1)) do
      ids[i] = idOf(placeIn(set, each))
    end
    loadAll(ids)
    for _, id in ipairs(ids) do
      local job = load(id)
      if job and job[STATE] == WAITING and job[ATTEMPTS] > 0 and not isCounted[id] then
        isCounted[id] = true
        counted = counted + 1
      end
    end
  end
  if counted ~= tonumber(redis.call('HGET', meta, 'retries') or 0) then
    redis.call('HSET', meta, 'retries', counted)
  end
end
return {1}
