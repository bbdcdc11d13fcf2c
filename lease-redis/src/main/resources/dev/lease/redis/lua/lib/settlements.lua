-- Settles jobs, each independent of the others [Q27-Q39].
-- USES: graphs remove
-- KEYS: results work
-- ARGV: from a given argument on, for each settlement: id, token, kind (done, retry, failed, cancelled, released) and
--       delay; then for done: 1 if there is a result, and the result; for retry and failed: the error as the attempt
--       keeps it, or '' if it is the same, and the error; for cancelled: '' and the reason.
-- Answer: for each, 1 if it was accepted, 0 if the lease is lost.
-- Bound: the settlements given, of which the caller gives 1,000 at most, and twice as many DONE jobs that are removed,
--        or 100, with 1,000 of their steps; and 100 jobs of graphs that are let go or cancelled.

-- True if this is the settlement that ended the lease, sent again [Q30].
local function isEcho(id, job, token, mark, kind, text)
  if not job or job[TOKEN] ~= token or job[MARK] ~= mark then
    return false
  end
  -- The first one may be in the same batch.
  writeAll()
  return kind == 'released' or redis.call('HGET', kind == 'done' and results or errors, id) == text
end

local hasWork, hasErrors = false, redis.call('EXISTS', errors) == 1

local function settle(id, job, mark, kind, delay, text, short)
  withdraw(id, job)
  job[MARK] = mark
  if kind == 'done' then
    if hasErrors then
      write('HDEL', errors, id)
    end
    if text then
      write('HSET', results, id, text)
    end
    finish(id, job, DONE)
    return
  end
  if kind == 'released' then
    job[ATTEMPTS] = job[ATTEMPTS] - 1
  else
    write('HSET', errors, id, text)
    if kind ~= 'cancelled' then
      job[FAILURES] = job[FAILURES] + 1
      noteFailure(id, job, short ~= '' and short or text)
    end
  end
  if kind == 'failed' then
    finish(id, job, FAILED)
  elseif kind == 'cancelled' or job[CANCEL] == 1 then
    finish(id, job, CANCELLED)
  elseif kind == 'retry' and job[MAXFAILURES] > 0 and job[FAILURES] >= job[MAXFAILURES] then
    finish(id, job, FAILED)
  else
    local due = now + delay
    if kind == 'released' and delay == 0 then
      due = job[DUE]
    end
    wait(job, due)
    hasWork = hasWork or due <= now
  end
end

-- If there are more DONE jobs than are kept, the oldest are removed and their ids remembered. A trim removes a
-- hundredth more than it must, so that not every script trims. It leaves the rest to the next script if there is too
-- much, because a script blocks the server. It reads no rows, which each settlement would pay for: so it also removes jobs
-- of a later version.
local TRIMMED = 100

local function trim(settled)
  local over = redis.call('ZCARD', done) - {keepDoneAtMost}
  if over > 0 then
    over = over + math.floor({keepDoneAtMost} / TRIMMED)
    local most = math.max(2 * settled, TRIMMED)
    local places = redis.call('ZRANGE', done, 0, math.min(over, most) - 1)
    local number = eraseSteps(idsOf(places))
    if number == 0 then
      return
    end
    places = {unpack(places, 1, number)}
    remember(idsOf(places))
    redis.call('ZREMRANGEBYRANK', done, 0, number - 1)
    erase(places)
  end
end

-- What settlePlain did to a job; and the places of the jobs that are to go.
local KEPT, GONE = 1, 2
local plain, gone = {}, {}

-- Settles an ordinary job as done: it has the store's default for KEEP. False if it is not an ordinary one.
local function settlePlain(
  id, row, token, mark, text,
  isUnpacked, version, state, _, attempts, failures, ofHold, ending, owner, before, seq, priority, due, _, _, _, size,
  more, last
)
  if not isUnpacked or version ~= ROW or state ~= HELD or ofHold ~= token
      or not isSoundRow(row, last, state, priority, due, ending, size) then
    return false
  end
  local isSound, key, keep, _, _, untilWhen, jobKey, waitsFor, isMember, behind = unpackedMore(more)
  if not isSound or keep >= 0 or not hasOnlyOurs(priority, waitsFor, isMember) then
    return false
  end
  if isMember == 1 then
    local graph, part = unpackRow(PACKED_MEMBER, more, behind)
    countEnd(graph, part, DONE, 1)
  end
  write('ZREM', held, seq .. id)
  if jobKey ~= '' then
    slots().free(jobKey, seq .. id)
  end
  if hasLater then
    write('ZREM', later, seq .. id)
  end
  freeKey(id, key, untilWhen)
  if {keepDoneAtMost} == 0 and isMember == 0 then
    plain[id] = GONE
    gone[#gone + 1] = seq .. id
    return true
  end
  plain[id] = KEPT
  if hasErrors then
    write('HDEL', errors, id)
  end
  if text then
    write('HSET', results, id, text)
  end
  local head = packRow(HEAD, ROW, DONE, 0, attempts, failures, token, now, owner, mark)
  write('HSET', jobs, id, head .. restOf(row, owner, before))
  if isMember == 0 then
    write('ZADD', done, now, seq .. id)
  else
    write('ZADD', kept, now, seq .. id)
    write('ZADD', keptUntil, now + {keepDone}, seq .. id)
  end
  return true
end

local function settleLoaded(id, row, token, mark, kind, delay, text, short)
  if plain[id] == GONE then
    return false
  elseif plain[id] then
    writeAll()
    loaded[id] = nil
    load(id)
  elseif loaded[id] == nil then
    note(id, row)
  end
  local job = loaded[id]
  if isHeldBy(job, token) then
    settle(id, job, mark, kind, delay, text, short)
    local where = OPEN
    if job[JOBKEY] ~= '' and job[STATE] == WAITING and delay > 0 then
      where = slots().putOff(id, job)
    elseif kind == 'retry' then
      job[TURN] = 0
    end
    enter(id, job, where)
    save(id, job)
    return true
  end
  return isEcho(id, job, token, mark, kind, text)
end

-- Removes DONE jobs where none are kept, and remembers their ids. Jobs with many steps stay until a trim.
local function eraseGone()
  local number = eraseSteps(idsOf(gone))
  for i = number + 1, #gone do
    local id = idOf(gone[i])
    local job = load(id)
    settle(id, job, 'done 0', 'done', 0)
    enter(id, job)
    save(id, job)
  end
  writeMoves()
  if number > 0 then
    gone = {unpack(gone, 1, number)}
    remember(idsOf(gone))
    erase(gone)
  end
end

local function settleAll(first)
  local ids, answer = {}, {}
  for i = first, #ARGV, 6 do
    ids[#ids + 1] = ARGV[i]
  end
  local rows = #ids > 0 and redis.call('HMGET', jobs, unpack(ids))
  for i, id in ipairs(ids) do
    local at = first + 6 * i - 6
    local token, kind, delay, short, text = tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
    local mark, row = kind .. ' ' .. delay, rows[i]
    if kind == 'done' and short ~= '1' then
      text = false
    end
    local isPlain = kind == 'done' and not plain[id] and loaded[id] == nil
      and settlePlain(id, row, token, mark, text, unpacked(row))
    answer[i] = (isPlain or settleLoaded(id, row, token, mark, kind, tonumber(delay), text, short)) and 1 or 0
  end
  writeEnds()
  if #gone > 0 then
    eraseGone()
  end
  trim(#answer)
  if hasWork then
    redis.pcall('PUBLISH', work, '')
  end
  return answer
end
