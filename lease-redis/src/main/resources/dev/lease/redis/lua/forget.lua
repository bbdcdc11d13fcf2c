-- Forgets a queue that is idle, with what is left of jobs that it does not have.
-- USES: idle
-- KEYS: bodies taken errors results progress failures steps stepNames keptUntil
-- Answer: 1, or 0 if the queue is not idle.
if useOf() ~= IDLE then
  return {0}
end
redis.call('UNLINK', meta, taken, errors, results, progress, failures, steps, stepNames, keptUntil, unpack(bodies))
return {1}
