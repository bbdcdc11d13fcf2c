-- Reads jobs for answers.
-- USES: slots bodies
-- KEYS: progress results errors broken

-- The body of a job whose row cannot be read.
local function bodyAnywhere(id)
  local body = false
  for _, hash in ipairs(bodies) do
    body = body or redis.call('HGET', hash, id)
  end
  return body
end

-- The fields of a job in the order in which JobCodec reads them, and the places of those that can be long.
local TOLD_BODY, TOLD_RESULT = 3, 19

local function isHeldBack(id, job)
  return job[JOBKEY] ~= '' and job[WAITS] ~= FOR_PARTS and slots().isHeldBack(id, job)
end

local function read(id, job)
  return {
    id, job[TYPE], bodyOf(id, job), job[PRIORITY], job[MAXCRASHES], job[MAXFAILURES],
    job[NOTAFTER], job[KEY], job[UNTIL], isFinished(job) and keepOf(job) or job[KEEP],
    job[STATE], job[ATTEMPTS], job[FAILURES], job[TOKEN], job[OWNER], job[END],
    job[CANCEL], redis.call('HGET', progress, id), redis.call('HGET', results, id), redis.call('HGET', errors, id),
    job[CREATED], job[DUE], job[END], job[JOBKEY], isHeldBack(id, job) and 1 or 0,
    job[MEMBER] == 1 and table.concat({job[GRAPH], job[PART], job[WAITS] == FOR_PARTS and 1 or 0}, '\0') or '',
  }
end

-- A job whose row is damaged reads as a FAILED job with little known about it.
local UNKNOWN = 'unknown'
local DAMAGE = 'its row is damaged and cannot be read; delete the job and enqueue it again'

local function damagedSince(id)
  return tonumber(redis.call('ZSCORE', broken, placeAside(id)) or now)
end

local function readDamaged(id)
  local since = damagedSince(id)
  return {
    id, UNKNOWN, bodyAnywhere(id), 0, 1, 0, -1, '', -1, {keepFailed}, FAILED, 0, 0, 0, '', since, 0,
    redis.call('HGET', progress, id), redis.call('HGET', results, id),
    DAMAGE, since, since, since, '', 0, '',
  }
end
