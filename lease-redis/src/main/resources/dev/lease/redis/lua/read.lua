-- USES: jobs
-- KEYS: bodies progress results errors

-- A job as it is read: the order is that of JobTexts.
local function read(id, job)
  return {
    id, job[TYPE], redis.call('HGET', bodies, id), job[PRIORITY], job[MAX], job[KEY],
    isTerminal(job) and keepOf(job) or job[KEEP], job[STATE], job[ATTEMPTS], job[TOKEN], job[OWNER], job[END],
    job[CANCEL], redis.call('HGET', progress, id), redis.call('HGET', results, id), redis.call('HGET', errors, id),
    job[CREATED], job[DUE], job[END],
  }
end
