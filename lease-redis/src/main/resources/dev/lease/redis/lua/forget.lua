-- Forgets a queue that is idle, with what is left of jobs that it does not have.
-- USES: idle
-- KEYS: floor bodies taken windowKeys errors results progress failures steps stepNames keptUntil
-- KEYS: admitted shelf line coming
-- Answer: whether the queue is in use, see lib/idle.lua. Nothing is left unless it is.
-- Bound: the keys of one queue; the server frees their memory behind the script.
local use = useOf()
if use == IDLE then
  -- Jobs with the ids of old ones may come again: their tokens must be larger, also if the clock is set back.
  local token, last = redis.call('HGET', meta, 'token'), redis.call('GET', floor)
  redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
  redis.call('SET', floor, string.format('%.0f', math.max(now, tonumber(token or 0), tonumber(last or 0))))
  redis.call('UNLINK', meta, taken, windowKeys, errors, results, progress, failures, steps, stepNames, keptUntil)
  redis.call('UNLINK', admitted, shelf, line, coming, unpack(graphed))
  redis.call('UNLINK', unpack(bodies))
end
return {use}
