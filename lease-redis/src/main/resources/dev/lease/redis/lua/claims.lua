-- Takes jobs that are due and not held [Q11-Q21].
-- USES: moves
-- KEYS: bodies
-- ARGV: worker, most jobs, duration of the leases.
-- Answer: their expiry, 1 if it has to be asked again for the rest, since there is much to bring back and to end;
--         then for each job: id, token, type, attempt, most attempts, priority, due, body.
local worker, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local paused, lastToken = unpack(redis.call('HMGET', meta, 'paused', 'token'))

-- How many jobs it looks at: a script blocks the server.
local MOST_SEEN = 2000
local seen = 0

-- Brings some expired jobs back to their places among the waiting. True if there may be more.
local MOST_AT_ONCE = 1000

local function bringBack()
  local late = redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_AT_ONCE)
  local all = idsOf(late)
  loadAll(all)
  for i, id in ipairs(all) do
    local job = load(id)
    write('ZREM', held, late[i])
    if job and job[STATE] == HELD then
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

-- Gives a job that stood in its place, or ends it. What is not there to be given has lost its place.
local function meet(id, job, place, text)
  if not job or job[STATE] ~= WAITING and job[STATE] ~= EXPIRED then
    return
  end
  local runs = true
  if job[STATE] == EXPIRED then
    write('ZREM', expired, place)
    runs = loseHold(id, job)
  elseif job[ATTEMPTS] > 0 then
    retries = retries - 1
  end
  if runs and not text then
    write('HSET', errors, id, 'its payload is lost')
    finish(id, job, FAILED)
  elseif runs then
    give(id, job, text)
  end
  enter(id, job)
  save(id, job)
end

local function take(priority)
  while #ids < limit and seen < MOST_SEEN do
    local wanted = limit - #ids
    local places = redis.call('ZRANGE', waiting[priority + 1], '-inf', now, 'BYSCORE', 'LIMIT', 0, wanted)
    if #places == 0 then
      break
    end
    local found = idsOf(places)
    loadAll(found)
    local payloads = redis.call('HMGET', bodies, unpack(found))
    redis.call('ZREMRANGEBYRANK', waiting[priority + 1], 0, #places - 1)
    for i, id in ipairs(found) do
      meet(id, load(id), places[i], payloads[i])
    end
    seen = seen + #found
    if #places < wanted then
      break
    end
  end
end

-- True if it has to be asked again for the rest.
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
  return #ids < limit and (broughtBack or seen >= MOST_SEEN)
end

-- Adds its answer to another.
local function claim(answer)
  local goesOn = limit > 0 and not paused and takeAll()
  local n = #answer
  answer[n + 1], answer[n + 2] = expiry, goesOn and 1 or 0
  for i, id in ipairs(ids) do
    local job = load(id)
    n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, job[TOKEN], job[TYPE], job[ATTEMPTS]
    answer[n + 5], answer[n + 6], answer[n + 7], answer[n + 8] = job[MAX], job[PRIORITY], job[DUE], texts[i]
  end
  return answer
end
