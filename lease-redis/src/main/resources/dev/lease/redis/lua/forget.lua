-- Forgets a queue that is idle, with what is left of jobs that it does not have.
-- USES: idle
-- KEYS: bodies taken errors results progress failures steps stepNames keptUntil
-- Answer: whether the queue is in use, see lib/idle.lua. Nothing is left unless it is.
local use = useOf()
if use == IDLE then
  redis.call('UNLINK', meta, taken, errors, results, progress, failures, steps, stepNames, keptUntil, unpack(bodies))
end
return {use}
