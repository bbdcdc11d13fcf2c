-- Takes jobs that are due and not held [Q11-Q21].
-- USES: moves
-- KEYS: bodies
-- ARGV: worker, most jobs, duration of the leases.
-- Answer: their expiry, then for each job: id, token, type, attempt, most attempts, priority, due, body.
local worker, limit, duration = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if limit == 0 or redis.call('HEXISTS', meta, 'paused') == 1 then
  return {0}
end

-- Brings some expired jobs back to their places among the waiting. False if there is none.
local function bringBack()
  local late = redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1000)
  for _, place in ipairs(late) do
    local id = idOf(place)
    local job = load(id)
    redis.call('ZREM', held, place)
    if job then
      job[STATE] = EXPIRED
      save(id, job)
      redis.call('ZADD', waiting[job[PRIORITY] + 1], job[DUE], place)
      redis.call('ZADD', expired, job[EXPIRY], place)
    end
  end
  return #late > 0
end

local expiry = now + duration
local token = math.max(tonumber(redis.call('HGET', meta, 'token') or 0) + 1, now) - 1
local ids, holds = {}, {}

local function give(id, job, place)
  token = token + 1
  job[STATE] = HELD
  job[ATTEMPTS] = job[ATTEMPTS] + 1
  job[TOKEN] = token
  job[OWNER] = worker
  job[EXPIRY] = expiry
  job[MARK] = ''
  ids[#ids + 1] = id
  holds[#holds + 1] = expiry
  holds[#holds + 1] = place
end

local function take(priority)
  while #ids < limit do
    local wanted = limit - #ids
    local places = redis.call('ZRANGE', waiting[priority + 1], '-inf', now, 'BYSCORE', 'LIMIT', 0, wanted)
    local found = {}
    for i, place in ipairs(places) do
      found[i] = idOf(place)
    end
    loadAll(found, 1, 1)
    for i, id in ipairs(found) do
      local job = loaded[id]
      if job then
        local runs = true
        if job[STATE] == EXPIRED then
          redis.call('ZREM', expired, places[i])
          runs = loseHold(id, job)
        elseif job[ATTEMPTS] > 0 then
          retries = retries - 1
        end
        if runs then
          give(id, job, places[i])
        end
        save(id, job)
      end
    end
    if #places > 0 then
      redis.call('ZREMRANGEBYRANK', waiting[priority + 1], 0, #places - 1)
    end
    if #places < wanted then
      break
    end
  end
end

repeat
  local more = bringBack()
  for priority = 9, 0, -1 do
    take(priority)
  end
until #ids == limit or not more

writeAll()
local answer = {expiry}
if #ids > 0 then
  redis.call('ZADD', held, unpack(holds))
  redis.call('HSET', meta, 'token', string.format('%.0f', token))
  local texts = redis.call('HMGET', bodies, unpack(ids))
  for i, id in ipairs(ids) do
    local job = loaded[id]
    for _, value in ipairs({id, job[TOKEN], job[TYPE], job[ATTEMPTS], job[MAX], job[PRIORITY], job[DUE], texts[i]}) do
      answer[#answer + 1] = value
    end
  end
end
return answer
