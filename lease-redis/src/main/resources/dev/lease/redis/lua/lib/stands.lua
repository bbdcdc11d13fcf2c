-- Says how far a waiting job with a key has come [Q61-Q71, Q94].
-- USES: jobs
-- KEYS: waiting admitted

-- The sorted set "admitted" has the jobs that have a slot of their key and are not finished: the key, a zero byte, and
-- the place of the job, so that those of a key lie together. One that waits is either OPEN, that is, in a set "waiting"
-- with its turn as its score, where claims find it; or it stands IN_LINE until its start has come and the queue has a
-- slot. A job without a slot is ON_SHELF.
local OPEN, IN_LINE, ON_SHELF = 1, 2, 3

local function seatOf(id, job)
  return job[JOBKEY] .. '\0' .. member(id, job)
end

-- Where an admitted job stands among jobs of its priority. TURN is kept in the row when the job enters the line, and when
-- it is given.
local function turnOf(job)
  return job[TURN] > 0 and job[TURN] or job[DUE]
end

-- How far a waiting job with a key has come. Sets the turn of an open one.
local function standOf(id, job)
  local turn = redis.call('ZSCORE', waiting[job[PRIORITY] + 1], member(id, job))
  if turn then
    job[TURN] = tonumber(turn)
    return OPEN
  end
  return redis.call('ZSCORE', admitted, seatOf(id, job)) and IN_LINE or ON_SHELF
end

-- Whether a job is due, and has not the slots that it needs [Q69].
local function isHeldBack(id, job)
  if job[JOBKEY] == '' or job[STATE] ~= WAITING or job[DUE] > now then
    return false
  end
  local stand = standOf(id, job)
  return stand == ON_SHELF or stand == IN_LINE and turnOf(job) <= now
end
