-- Passes slots on: at most so many jobs of a key are admitted, and at most so many jobs with a key are open [Q61-Q71,
-- Q94, Q95]. What brings a job with a key, or frees a slot, touches the key, and passes on at its end.
-- USES: jobs
-- KEYS: waiting keyed

-- Sorted sets whose members all have the score 0, so that they are in the order of their bytes:
-- "admitted" has the jobs that have a slot of their key and are not finished: the key, a zero byte, and the place of the
-- job. One that waits is either OPEN, that is, in a set "waiting" with its turn as its score, where claims find it; or it
-- stands IN_LINE until its start has come and the queue has a slot. A job without a slot is ON_SHELF.
-- "shelf" has the waiting jobs without a slot: the key and a zero byte; then 'd', 9 minus the priority and the due time
-- if the job is due, or 'w', the due time and 9 minus the priority if it is not; then the place of the job.
-- "line" has the admitted jobs that are not open: 9 minus the priority, the turn, and the place.
-- "coming" has the time at which to look at a key again, so that claims do: the key, a zero byte, and the place of the
-- job that is due then, or nothing. With an empty key it is about all keys behind the one that follows.
local OPEN, IN_LINE, ON_SHELF, DUE_NOW, NOT_DUE = 1, 2, 3, 'd', 'w'

-- The hash "limits" has the limit of each key under the key, and that of every other key under '': slots, 1 if in order,
-- starts, period and burst; the slots of the queue under a zero byte; and under a zero byte and a key until when the key
-- is closed, and when its next job would start if all starts were evenly spread.

-- How many jobs a script admits at most, since it blocks the server: claims go on with the others.
local MOST_ADMITTED = 2000

-- What scripts need for jobs with keys. It is made when a script meets the first such job, and until then "keyTools" is nil:
-- to make it takes a tenth of the time of a short script. So it is one function, which keeps few others.
local keyTools

local function slots()
  if keyTools then
    return keyTools
  end
  keyTools = {
    -- The keys that were touched since the last pass, in order.
    touched = {},
    -- How many jobs this script admitted and may admit; how many left the line, and may be changed in these two ways; how
    -- many were opened, and of those that the last pass opened the highest priority and the first turn,
    -- with the first sequence number of that turn.
    admitted = 0, mostAdmitted = MOST_ADMITTED, leftLine = 0, mostChanged = 2 * MOST_ADMITTED,
    opened = 0, openedPriority = -1, openedTurn = math.huge, openedSeq = 0,
    -- The ids and keys of the jobs that were given.
    given = {},
    -- Whether more jobs have become due on the shelf than this script looked at.
    moreCame = false,
  }
  local admitted, shelf, line, coming, limits = unpack(keyed)
  local nowDigits

  local function digits(micros)
    if micros == now then
      nowDigits = nowDigits or string.format('%016.0f', now)
      return nowDigits
    end
    return string.format('%016.0f', micros)
  end

  local function seatOf(id, job)
    return job[JOBKEY] .. '\0' .. member(id, job)
  end

  -- Where an admitted job stands among jobs of its priority. TURN is kept in the row when the job enters the line, and
  -- when it is given.
  local function turnOf(job)
    return job[TURN] > 0 and job[TURN] or job[DUE]
  end

  -- Whether the last pass opened a job that goes before one of the same priority.
  local function hasOpenedBefore(turn, place)
    local first = keyTools.openedTurn
    return first < turn or first == turn and keyTools.openedSeq < (struct.unpack(PACKED_SEQ, place))
  end

  -- How far a waiting job has come. Sets the turn of an open one.
  local function standOf(id, job)
    local turn = redis.call('ZSCORE', waiting[job[PRIORITY] + 1], member(id, job))
    if turn then
      job[TURN] = tonumber(turn)
      return OPEN
    end
    return redis.call('ZSCORE', admitted, seatOf(id, job)) and IN_LINE or ON_SHELF
  end

  -- Whether a job is due, and has not the slots that it needs [Q69].
  local function isHeldBack(id, job)
    if job[STATE] ~= WAITING or job[DUE] > now then
      return false
    end
    local where = standOf(id, job)
    return where == ON_SHELF or where == IN_LINE and turnOf(job) <= now
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

  -- The new jobs that are due and not on the shelf: of each its priority, due time and place; and by key the number of
  -- one, or a list of numbers.
  local priorities, dues, newPlaces, arrivals = {}, {}, {}, {}
  local isTouched = {}

  local function touch(key)
    if not isTouched[key] then
      isTouched[key] = true
      keyTools.touched[#keyTools.touched + 1] = key
    end
  end

  -- A new job has come.
  local function arrive(key, priority, due, place)
    touch(key)
    if due > now then
      write('ZADD', shelf, 0, key .. '\0' .. NOT_DUE .. digits(due) .. 9 - priority .. place)
      write('ZADD', coming, due, key .. '\0' .. place)
      return
    end
    local n, others = #dues + 1, arrivals[key]
    priorities[n], dues[n], newPlaces[n] = priority, due, place
    if not others then
      arrivals[key] = n
    elseif type(others) == 'number' then
      arrivals[key] = {others, n}
    else
      others[#others + 1] = n
    end
  end

  -- What follows the letter on the shelf.
  local function tailOf(n)
    return 9 - priorities[n] .. digits(dues[n]) .. newPlaces[n]
  end

  -- A job has finished, or is put off: its slot is free, if it had one.
  local function free(key, place)
    write('ZREM', admitted, key .. '\0' .. place)
    touch(key)
  end

  -- A job that is held has its slot.
  local function keep(id, job)
    write('ZADD', admitted, 0, seatOf(id, job))
  end

  -- Takes a waiting job from where it stands. It keeps its slot.
  local function leave(id, job)
    write('ZREM', waiting[job[PRIORITY] + 1], member(id, job))
    write('ZREM', line, lineMember(id, job))
    write('ZREM', shelf, dueMember(id, job))
    write('ZREM', shelf, notDueMember(id, job))
    write('ZREM', coming, seatOf(id, job))
  end

  -- Puts a waiting job where it is to stand, or where it stood.
  local function stand(id, job, where)
    touch(job[JOBKEY])
    if not where then
      where = standOf(id, job)
      leave(id, job)
    end
    if where == OPEN then
      write('ZADD', admitted, 0, seatOf(id, job))
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

  local limitOf, hasLimits, everyText, everyKey, queueSlots = {}, false, nil, nil, nil

  local function parsed(text, pace)
    local limit = {}
    if text then
      local ofText, inOrder, starts, period, burst = string.match(text, '^(%d+) (%d) (%d+) (%d+) (%d+)$')
      limit.slots, limit.isInOrder = tonumber(ofText), inOrder == '1'
      if tonumber(starts) > 0 then
        limit.interval, limit.burst = math.ceil(period / starts), tonumber(burst)
      end
    end
    if pace then
      local closed, even = string.match(pace, '^(%d+) (%d+)$')
      limit.closed, limit.even = tonumber(closed), tonumber(even)
    end
    limit.isPaced = pace and true or limit.interval ~= nil
    return limit
  end

  -- Reads limits with one command.
  local function readSome(keys)
    local fields = {'', '\0'}
    for i, key in ipairs(keys) do
      fields[2 * i + 1], fields[2 * i + 2] = key, '\0' .. key
    end
    local texts = redis.call('HMGET', limits, unpack(fields))
    hasLimits, everyText, queueSlots = true, texts[1], tonumber(texts[2])
    everyKey = parsed(everyText)
    for i, key in ipairs(keys) do
      local text, pace = texts[2 * i + 1], texts[2 * i + 2]
      limitOf[key] = (text or pace or everyKey.isPaced) and parsed(text or everyText, pace) or everyKey
    end
  end

  -- Reads the limits of keys, of some at a time.
  local MOST_KEYS_READ = 1000

  local function readLimits(keys)
    local missing = {}
    for _, key in ipairs(keys) do
      if not limitOf[key] then
        missing[#missing + 1] = key
        if #missing == MOST_KEYS_READ then
          readSome(missing)
          missing = {}
        end
      end
    end
    if #missing > 0 or not hasLimits then
      readSome(missing)
    end
  end

  local function limitsOf(key)
    readLimits({key})
    return limitOf[key], everyText, queueSlots
  end

  -- Where a job stands whose due time has changed. It gives its slot back, unless its key is in order, and then still
  -- that of the queue [Q63, Q66].
  local function putOff(id, job)
    job[TURN] = 0
    if limitsOf(job[JOBKEY]).isInOrder then
      return IN_LINE
    end
    free(job[JOBKEY], member(id, job))
    return ON_SHELF
  end

  -- Before when no job of a key starts. It is 2200 at the latest, as for due times: of later ones the digits would be more.
  local LATEST_START = 7258118400000000

  local function nextStart(limit, earliest)
    local start = math.max(earliest, limit.closed or 0)
    if limit.interval and limit.even then
      start = math.max(start, limit.even - limit.interval * limit.burst)
    end
    return math.min(start, LATEST_START)
  end

  local function writePace(key, limit)
    write('HSET', limits, '\0' .. key, string.format('%.0f %.0f', limit.closed or 0, limit.even or 0))
  end

  -- When the next job of a key starts, which is then taken.
  local function takeStart(key, limit)
    local start = nextStart(limit, now)
    if limit.interval then
      limit.even = math.max(start, limit.even or 0) + limit.interval
      writePace(key, limit)
    end
    return start
  end

  -- Those that are to stand in the line, each with its turn.
  local lined = {}

  local function open(priority, turn, place)
    write('ZADD', waiting[priority + 1], turn, place)
    keyTools.opened = keyTools.opened + 1
    local seq = struct.unpack(PACKED_SEQ, place)
    if turn < keyTools.openedTurn or turn == keyTools.openedTurn and seq < keyTools.openedSeq then
      keyTools.openedTurn, keyTools.openedSeq = turn, seq
    end
    if priority > keyTools.openedPriority then
      keyTools.openedPriority = priority
    end
  end

  -- Admits a job. One that has just arrived keeps its due time as its turn [Q65].
  local function admit(prefix, key, limit, priority, place, dueIfNew)
    local start = limit.isPaced and takeStart(key, limit) or now
    local turn = start <= now and dueIfNew or start
    keyTools.admitted = keyTools.admitted + 1
    write('ZADD', admitted, 0, prefix .. place)
    if start > now or queueSlots then
      lined[#lined + 1] = {place, turn}
    else
      open(priority, turn, place)
    end
  end

  local function admitTail(prefix, key, limit, tail, isNew)
    local due = isNew and tonumber(string.sub(tail, 2, 17))
    admit(prefix, key, limit, 9 - string.sub(tail, 1, 1), string.sub(tail, 18), due)
  end

  -- How many jobs of all keys this script still makes due on the shelf.
  local mayCome = MOST_ADMITTED

  -- Jobs that have become due on the shelf: what follows the letter there if they are due.
  local function cameDue(key)
    local from, tails = key .. '\0' .. NOT_DUE, {}
    local met = redis.call(
      'ZRANGE', shelf, '[' .. from, '(' .. from .. digits(now + 1), 'BYLEX', 'LIMIT', 0, mayCome + 1
    )
    if #met > mayCome then
      met[#met] = nil
      write('ZADD', coming, 0, key .. '\0')
      keyTools.moreCame = true
    end
    mayCome = mayCome - #met
    for i, each in ipairs(met) do
      local due, urgency, place = string.sub(each, #from + 1, #from + 16), string.sub(each, #from + 17, #from + 17),
        string.sub(each, #from + 18)
      write('ZREM', shelf, each)
      write('ZREM', coming, key .. '\0' .. place)
      tails[i] = urgency .. due .. place
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
  local function choose(prefix, key, limit, most, tails, isShelved, isNew)
    table.sort(tails, isBefore)
    for i, tail in ipairs(tails) do
      if i <= most then
        admitTail(prefix, key, limit, tail, isNew[tail])
        if isShelved[tail] then
          write('ZREM', shelf, prefix .. DUE_NOW .. tail)
        end
      elseif not isShelved[tail] then
        write('ZADD', shelf, 0, prefix .. DUE_NOW .. tail)
      end
    end
  end

  -- Whether a job has become due on the shelf, as far as this script knows.
  local someCame = false

  -- Gives the free slots of a key to its first jobs that are due.
  local NONE = {}

  local function passOnKey(key, hasShelf)
    local limit, new = limitOf[key], arrivals[key]
    local came = someCame and cameDue(key) or NONE
    if not hasShelf and not new then
      return
    end
    local prefix, most, met = key .. '\0', keyTools.mostAdmitted - keyTools.admitted, NONE
    if limit.slots then
      most = math.min(most, limit.slots - redis.call('ZLEXCOUNT', admitted, '[' .. prefix, '(' .. key .. '\1'))
    end
    local from = prefix .. DUE_NOW
    if hasShelf and most > 0 then
      met = redis.call('ZRANGE', shelf, '[' .. from, '(' .. key .. '\0e', 'BYLEX', 'LIMIT', 0, most)
    end
    if #came == 0 and not new then
      for _, each in ipairs(met) do
        admitTail(prefix, key, limit, string.sub(each, #from + 1))
        write('ZREM', shelf, each)
      end
    elseif #came == 0 and #met == 0 and type(new) == 'number' then
      if most > 0 then
        admit(prefix, key, limit, tonumber(priorities[new]), newPlaces[new], dues[new])
      else
        write('ZADD', shelf, 0, from .. tailOf(new))
      end
    else
      local tails, isShelved, isNew = {unpack(came)}, {}, {}
      for _, n in ipairs(type(new) == 'number' and {new} or new or NONE) do
        local tail = tailOf(n)
        isNew[tail] = true
        tails[#tails + 1] = tail
      end
      for _, each in ipairs(met) do
        local tail = string.sub(each, #from + 1)
        isShelved[tail] = true
        tails[#tails + 1] = tail
      end
      choose(prefix, key, limit, most, tails, isShelved, isNew)
    end
    if keyTools.admitted >= keyTools.mostAdmitted then
      write('ZADD', coming, 0, prefix)
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
    writeAll()
  end

  -- Gives the free slots of the queue to those in the line whose start has come.
  local function openLine()
    local inLine = redis.call('ZCARD', line)
    local most = inLine > 0 and math.min(MOST_ADMITTED, keyTools.mostChanged - keyTools.admitted - keyTools.leftLine) or 0
    if most > 0 and queueSlots then
      most = math.min(most, queueSlots - redis.call('ZCARD', admitted) + inLine)
    end
    for urgency = 0, 9 do
      if most <= 0 then
        break
      end
      local met = redis.call(
        'ZRANGE', line, '[' .. urgency, '(' .. urgency .. digits(now + 1), 'BYLEX', 'LIMIT', 0, most
      )
      for _, each in ipairs(met) do
        open(9 - urgency, tonumber(string.sub(each, 2, 17)), string.sub(each, 18))
        write('ZREM', line, each)
      end
      most, keyTools.leftLine = most - #met, keyTools.leftLine + #met
    end
    writeAll()
  end

  -- Passes on the slots of the keys that were touched. All else has to be written before.
  local function passOn()
    local keys = keyTools.touched
    isTouched, keyTools.touched, keyTools.openedPriority, keyTools.openedTurn = {}, {}, -1, math.huge
    local hasLine = redis.call('EXISTS', line) == 1
    local hasShelf = #keys > 0 and redis.call('EXISTS', shelf) == 1
    if not hasShelf and not hasLine and next(arrivals) == nil then
      return
    end
    readLimits(keys)
    someCame = someCame
      or hasShelf and #redis.call('ZRANGE', coming, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0
    for _, key in ipairs(keys) do
      passOnKey(key, hasShelf)
    end
    arrivals = {}
    writeAll()
    if #lined > 0 then
      lineUp()
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

  -- Touches the keys that have to be looked at now. True if there may be more. One walk is enough: it stands first among
  -- those that have begun, and meets all that the others would meet.
  local MOST_COMING = 1000

  local function lookAtComing()
    local met = redis.call('ZRANGE', coming, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_COMING)
    local walks = false
    for _, each in ipairs(met) do
      local key = string.match(each, '^%Z*')
      write('ZREM', coming, each)
      if key ~= '' then
        touch(key)
      elseif not walks then
        walk(string.sub(each, 2))
        walks = true
      end
    end
    someCame = someCame or #met > 0
    writeAll()
    return walks or #met == MOST_COMING
  end

  -- The first due places of a set "waiting" behind some, and the turns of their jobs.
  local function withTurns(set, from, most)
    local met = redis.call('ZRANGE', set, '-inf', now, 'BYSCORE', 'LIMIT', from, most, 'WITHSCORES')
    local found, turns = {}, {}
    for i = 1, #met, 2 do
      local n = #found + 1
      found[n], turns[n] = met[i], met[i + 1]
    end
    return found, turns
  end

  -- The end of the row of a job that is given, with its turn. Most have their due time as their turn.
  local function give(id, key, rest, bodySize, due, turn)
    local given = keyTools.given
    local n, behind = #given, #rest - bodySize
    given[n + 1], given[n + 2] = id, key
    if tonumber(turn) == due and unpackRow(PACKED_TURN, rest, behind - TURN_BYTES + 1) == 0 then
      return rest
    end
    return string.sub(rest, 1, behind - TURN_BYTES) .. packRow(PACKED_TURN, turn) .. string.sub(rest, behind + 1)
  end

  keyTools.digits, keyTools.seatOf, keyTools.turnOf, keyTools.standOf, keyTools.isHeldBack = digits, seatOf, turnOf, standOf, isHeldBack
  keyTools.dueMember, keyTools.notDueMember, keyTools.lineMember = dueMember, notDueMember, lineMember
  keyTools.touch, keyTools.arrive, keyTools.free, keyTools.keep, keyTools.leave, keyTools.stand = touch, arrive, free, keep, leave, stand
  keyTools.limitsOf, keyTools.putOff, keyTools.nextStart, keyTools.writePace = limitsOf, putOff, nextStart, writePace
  keyTools.hasOpenedBefore = hasOpenedBefore
  keyTools.passOn, keyTools.lookAtComing, keyTools.withTurns, keyTools.give = passOn, lookAtComing, withTurns, give
  return keyTools
end
