-- Makes expired jobs wait again, or ends them [Q40-Q44].
-- USES: moves
-- KEYS: work
-- ARGV: most jobs.
-- Answer: how many it changed.
local limit = tonumber(ARGV[1])
evenIfFull(expired)

-- Puts jobs of a slice of all jobs back into a set that they have fallen out of [Q44].
local scanned = redis.call('HSCAN', jobs, redis.call('HGET', meta, 'scanned') or '0', 'COUNT', 100)
redis.call('HSET', meta, 'scanned', scanned[1])
for i = 1, #scanned[2], 2 do
  local id, job = scanned[2][i], cmsgpack.unpack(scanned[2][i + 1])
  local place = member(id, job)
  if job[STATE] == HELD and not redis.call('ZSCORE', held, place) then
    redis.call('ZADD', held, job[EXPIRY], place)
  elseif job[STATE] == EXPIRED and not redis.call('ZSCORE', expired, place) then
    redis.call('ZADD', expired, job[EXPIRY], place)
  end
  if (job[STATE] == WAITING or job[STATE] == EXPIRED) and not redis.call('ZSCORE', waiting[job[PRIORITY] + 1], place) then
    redis.call('ZADD', waiting[job[PRIORITY] + 1], job[DUE], place)
  end
end

local places = redis.call('ZRANGE', expired, 0, limit - 1)
if #places < limit then
  for _, place in ipairs(redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit - #places)) do
    places[#places + 1] = place
  end
end
local reset, runs = 0, false
for _, place in ipairs(places) do
  local id = idOf(place)
  local job = load(id)
  if job then
    withdraw(id, job)
    if loseHold(id, job) then
      wait(id, job, job[DUE])
      runs = true
    end
    save(id, job)
    reset = reset + 1
  else
    redis.call('ZREM', held, place)
    redis.call('ZREM', expired, place)
  end
end
writeAll()
if runs then
  redis.pcall('PUBLISH', work, '')
end
return {reset}
