-- Finds headers and payloads of jobs. Short ones lie in the rows. The others lie apart, so that they are not written
-- again with each row, and in many hashes, because a cluster that moves a queue stops for each key.
-- USES: jobs
-- KEYS: bodies
local MOST_IN_ROW = 128

-- Jobs that were enqueued one after the other lie together, so that a batch needs few commands.
local TOGETHER = 64
local hashes = #bodies

local function hashOf(seq)
  local high, low = string.byte(seq, SEQ_BYTES - 1, SEQ_BYTES)
  local place = (256 * high + low) % (TOGETHER * hashes)
  return bodies[1 + (place - place % TOGETHER) / TOGETHER]
end

local function bodyOf(id, job)
  return job[BODY] or redis.call('HGET', hashOf(job[SEQ]), id)
end
