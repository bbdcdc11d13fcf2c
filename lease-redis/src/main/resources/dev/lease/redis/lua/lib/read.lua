-- USES: jobs
-- KEYS: bodies progress results errors broken

-- A job as it is read: the order is that of JobCodec.
local function read(id, job)
  return {
    id, job[TYPE], redis.call('HGET', bodies, id), job[PRIORITY], job[MAX], job[KEY],
    isFinished(job) and keepOf(job) or job[KEEP], job[STATE], job[ATTEMPTS], job[TOKEN], job[OWNER], job[END],
    job[CANCEL], redis.call('HGET', progress, id), redis.call('HGET', results, id), redis.call('HGET', errors, id),
    job[CREATED], job[DUE], job[END],
  }
end

-- A job whose row is damaged is a failed one of which little is known.
local UNKNOWN = 'unknown'
local DAMAGE = 'its row is damaged, nobody can read it; delete it, and enqueue the job again'

local function damagedSince(id)
  return tonumber(redis.call('ZSCORE', broken, placeAside(id)) or now)
end

local function readDamaged(id)
  local since = damagedSince(id)
  return {
    id, UNKNOWN, redis.call('HGET', bodies, id), 0, 1, '', {keepFailed}, FAILED, 0, 0, '', since, 0,
    redis.call('HGET', progress, id), redis.call('HGET', results, id),
    DAMAGE, since, since, since,
  }
end
