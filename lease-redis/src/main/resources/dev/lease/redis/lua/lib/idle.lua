-- Says whether a queue is in use.
-- KEYS: jobs meta waiting held expired done kept failed cancelled broken later remembered rememberedBefore windows
-- KEYS: actions limits graphed

local NOTHING, USED, IDLE = 0, 1, 2

-- A queue is idle if it has had no job for so long, has no limits and no graphs, and nothing is recorded of it. Until then
-- a process may rely on the name of the queue, which it writes once a minute, before a script that can be under way for a
-- while.
local idleAfter = {remember} + 120000000

local function isEmpty()
  return redis.call('EXISTS', jobs, held, expired, done, kept, failed, cancelled, broken, later) == 0
    and redis.call('EXISTS', remembered, rememberedBefore, windows, actions, limits, graphed[1], unpack(waiting)) == 0
end

-- NOTHING is stored of the queue, it is USED, or it is IDLE and can be forgotten.
local function useOf()
  local seq, paused, idle = unpack(redis.call('HMGET', meta, 'seq', 'paused', 'idle'))
  if not isEmpty() or paused then
    return USED
  elseif redis.call('EXISTS', meta) == 0 then
    return NOTHING
  end
  local idleSeq, since = string.match(idle or '', '^(%d+) (%d+)$')
  since = tonumber(since or 0)
  if idleSeq ~= (seq or '0') or since > now then
    redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
    redis.call('HSET', meta, 'idle', (seq or '0') .. ' ' .. string.format('%.0f', now))
    return USED
  end
  return now - since >= idleAfter and IDLE or USED
end
