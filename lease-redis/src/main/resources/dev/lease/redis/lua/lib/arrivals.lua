-- Stores new jobs, unless they exist already [Q01-Q07].
-- USES: keys ids bodies slots
-- KEYS: meta waiting work
-- ARGV: from a given argument on, for each job: id, type, priority, due time ("+" and a delay, or an instant), most
--       crashes, most failures or 0, deadline (as the due time) or -1, dedup key or '', for how long that stays taken or
--       -1, how long to keep the job or -1, key or '', body.
-- Answer: for each job, '' if it was stored, else the id of the job that exists already.
-- Bound: the jobs given; the caller gives 1,000 at most.

-- A hint is published if no job was due before. A job that becomes due later has no hint, so a hint is also published
-- if the last one is older than this. The real clock decides, even if a test moves the clock of the store.
local HINT_AGAIN = 100000
local hintTime = 0

local function hasDue(priority)
  return redis.call('ZRANGE', waiting[priority + 1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
end

local function isWaitedFor(lastHint, priority)
  local clock = redis.call('TIME')
  hintTime = clock[1] * 1000000 + clock[2]
  if not lastHint or math.abs(hintTime - tonumber(lastHint)) >= HINT_AGAIN then
    return true
  end
  -- Most queues use one priority.
  if hasDue(tonumber(priority)) then
    return false
  elseif redis.call('EXISTS', unpack(waiting)) > 0 then
    for each = 9, 0, -1 do
      if hasDue(each) then
        return false
      end
    end
  end
  return true
end

-- Stores the jobs. Those of a graph come with "graph": its id, the part of each job, which of them were LOST, and the set
-- in which they wait for parts; nothing is stored if "refuses" says so of the answer.
local function storeAll(from, graph)
  local ids, answer = {}, {}
  for i = from, #ARGV, 12 do
    ids[#ids + 1] = ARGV[i]
  end
  local rows = redis.call('HMGET', jobs, unpack(ids))
  local lastSeq, lastHint, since, long, windowed, isKeyed = unpack(
    redis.call('HMGET', meta, 'seq', 'hinted', 'remembering', 'rememberFor', 'windowed', 'keyed')
  )
  local memory = memoryOf(ids, spanOf(since, long))
  -- Until when a dedup key stays taken at most. A job that has such a key keeps its id as long, also if it is removed.
  local lastUntil = tonumber(windowed or 0)
  local untils = lastUntil > now and redis.call('ZMSCORE', windows, unpack(ids)) or {}
  local newWindows, newWindowKeys = {}, {}
  local seq = tonumber(lastSeq or 0)
  local made, takenNow, n = {}, {}, 0
  local newBodies, newKeys, newRows, newPlaces = {}, {}, {}, {}
  local newHead = packRow(HEAD, ROW, WAITING, 0, 0, 0, 0, 0, '', '')
  local hasWork = false
  local graphId, parts, lost, isMember, waitsFor = nil, {}, {}, 0, 0
  if graph then
    graphId, parts, lost, isMember, waitsFor = graph.id, graph.parts, graph.lost, 1, FOR_PARTS
  end
  for i, id in ipairs(ids) do
    local at = from - 1 + 12 * i
    local key = ARGV[at - 4]
    local there = (rows[i] or made[id] or (memory[i] or 0) > 0 or tonumber(untils[i] or 0) > now or lost[i]) and id
    if not there and key ~= '' then
      there = takenNow[key] or ownerOf(key)
    end
    if not there then
      seq = seq + 1
      local packedSeq, priority, due = packRow(PACKED_SEQ, seq), ARGV[at - 9], dueOf(ARGV[at - 8])
      local body, jobKey, untilWhen = ARGV[at], ARGV[at - 1], tonumber(ARGV[at - 3])
      if untilWhen >= 0 then
        untilWhen = now + untilWhen
        lastUntil = math.max(lastUntil, untilWhen)
        n = #newWindows
        newWindows[n + 1], newWindows[n + 2] = untilWhen, id
        newWindowKeys[n + 1], newWindowKeys[n + 2] = id, key
      end
      local keep, mostFailures, notAfter = tonumber(ARGV[at - 2]), tonumber(ARGV[at - 6]), dueOf(ARGV[at - 5])
      local more = packedMore(
        key, keep, mostFailures, notAfter, untilWhen, jobKey, waitsFor, isMember, 0, graphId, parts[i]
      )
      local rest = packRow(REST, packedSeq, priority, due, now, ARGV[at - 7], ARGV[at - 10], #body, #more, more)
      n = #newRows
      newRows[n + 1] = id
      if #body <= MOST_IN_ROW then
        newRows[n + 2] = newHead .. rest .. body
      else
        newRows[n + 2] = newHead .. rest
        local hash = hashOf(packedSeq)
        local bodiesThere = newBodies[hash]
        if not bodiesThere then
          bodiesThere = {}
          newBodies[hash] = bodiesThere
        end
        local m = #bodiesThere
        bodiesThere[m + 1], bodiesThere[m + 2] = id, body
      end
      if jobKey == '' or graph then
        local set = graph and waitsFor or priority
        local places = newPlaces[set]
        if not places then
          places = {}
          newPlaces[set] = places
        end
        n = #places
        places[n + 1], places[n + 2] = due, packedSeq .. id
      else
        slots().arrive(jobKey, priority, due, packedSeq .. id)
      end
      if key ~= '' then
        n = #newKeys
        newKeys[n + 1], newKeys[n + 2] = key, id
        takenNow[key] = id
      end
      made[id] = true
      hasWork = hasWork or due <= now
    end
    answer[i] = there or ''
  end

  if graph and graph.refuses(answer) or #newRows == 0 then
    return answer
  end
  local hints = hasWork and not graph and isWaitedFor(lastHint, ARGV[from + 2])
  for hash, bodiesThere in pairs(newBodies) do
    send('HSET', hash, bodiesThere)
  end
  send('HSET', taken, newKeys)
  if #newWindows > 0 then
    send('ZADD', windows, newWindows)
    send('HSET', windowKeys, newWindowKeys)
    redis.call('HSET', meta, 'windowed', string.format('%.0f', lastUntil))
  end
  if hints then
    redis.call('HSET', meta, 'seq', seq, 'hinted', hintTime)
  else
    redis.call('HSET', meta, 'seq', seq)
  end
  send('HSET', jobs, newRows)
  if graph then
    send('ZADD', graph.waits, newPlaces[waitsFor])
    return answer
  end
  for priority = 0, 9 do
    send('ZADD', waiting[priority + 1], newPlaces[tostring(priority)] or {})
  end
  if keyTools then
    if not isKeyed then
      redis.call('HSET', meta, 'keyed', 1)
    end
    writeAll()
    keyTools.passOn()
  end
  if hints then
    redis.pcall('PUBLISH', work, '')
  end
  return answer
end
