-- Ends holds, each on its own [Q27-Q39].
-- USES: moves remove
-- KEYS: results work
-- ARGV: from a place on, for each settlement: id, token, kind (done, retry, failed, released), delay; if it is done, 1 if
--       there is a result, and that; if it has failed, the error as it is kept of the attempt, or '' if that is the same,
--       and the error.
-- Answer: for each, 1 if it was accepted, 0 if the lease is lost.

-- True if this is the settlement that ended the hold, sent once more [Q30].
local function isEcho(id, job, token, mark, kind, text)
  if not job or job[TOKEN] ~= token or job[MARK] ~= mark then
    return false
  end
  -- It may have come first in this batch.
  writeMoves()
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
    noteFailure(id, job, short ~= '' and short or text)
  end
  if kind == 'failed' then
    finish(id, job, FAILED)
  elseif job[CANCEL] == 1 then
    finish(id, job, CANCELLED)
  elseif kind == 'retry' and job[ATTEMPTS] >= job[MAX] then
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

-- Done jobs beyond the most that are kept go, oldest first; their ids stay. Each trim removes a hundredth more than it must,
-- so that not every script trims. What is too much for one script is left to the next, since a script blocks the server.
local TRIMMED = 100

local function trim(settled)
  local over = redis.call('ZCARD', done) - {keepDoneAtMost}
  if over > 0 then
    over = over + math.floor({keepDoneAtMost} / TRIMMED)
    local most = math.max(2 * settled, TRIMMED)
    local gone = idsOf(redis.call('ZRANGE', done, 0, math.min(over, most) - 1))
    local number = eraseSteps(gone)
    if number == 0 then
      return
    end
    gone = {unpack(gone, 1, number)}
    remember(gone)
    redis.call('ZREMRANGEBYRANK', done, 0, number - 1)
    erase(gone)
  end
end

local function settleAll(first)
  local ids, answer = {}, {}
  for i = first, #ARGV, 6 do
    ids[#ids + 1] = ARGV[i]
  end
  loadAll(ids)
  for i = first, #ARGV, 6 do
    local id, token, kind, delay = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], tonumber(ARGV[i + 3])
    local short, text = ARGV[i + 4], ARGV[i + 5]
    if kind == 'done' and short ~= '1' then
      text = false
    end
    local mark = kind .. ' ' .. ARGV[i + 3]
    local job = load(id)
    if isHeldBy(job, token) then
      settle(id, job, mark, kind, delay, text, short)
      enter(id, job)
      save(id, job)
      answer[#answer + 1] = 1
    else
      answer[#answer + 1] = isEcho(id, job, token, mark, kind, text) and 1 or 0
    end
  end
  writeMoves()
  trim(#answer)
  if hasWork then
    redis.pcall('PUBLISH', work, '')
  end
  return answer
end
