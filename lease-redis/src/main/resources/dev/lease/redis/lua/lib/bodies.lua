-- Finds headers and payloads of jobs. They are in many hashes, because a cluster that moves a queue stops for each key.
-- USES: jobs
-- KEYS: bodies

-- The first hash has the bodies of jobs whose rows are of the version before, and the others have those of today. Jobs
-- that were enqueued one after the other lie together, so that a batch needs few commands.
local TOGETHER = 64
local hashes = #bodies - 1

local function hashOf(version, seq)
  local place = seq % (TOGETHER * hashes)
  return version == OLD_ROW and bodies[1] or bodies[2 + (place - place % TOGETHER) / TOGETHER]
end
