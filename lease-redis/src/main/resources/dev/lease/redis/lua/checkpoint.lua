-- Writes a checkpoint of a held job. The first value of a step stays [Q26].
-- USES: jobs
-- KEYS: meta steps stepNames
-- ARGV: id, token, step, value.
-- Answer: the value of the step; empty if the lease is lost.
-- Bound: one step.
local id, step = ARGV[1], ARGV[3]
if not isHeldBy(load(id), tonumber(ARGV[2])) then
  return {}
end
if redis.call('HSETNX', steps, id .. '\0' .. step, ARGV[4]) == 1 then
  local entry = step .. '\0' .. string.format('%.0f', now)
  redis.call('HSET', stepNames, id .. '\0' .. redis.call('HINCRBY', steps, id, 1), entry)
  return {ARGV[4]}
end
return {redis.call('HGET', steps, id .. '\0' .. step)}
