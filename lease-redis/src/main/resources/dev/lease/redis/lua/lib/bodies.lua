-- Finds headers and payloads of jobs. They are in many hashes, because a cluster that moves a queue stops for each key.
-- USES: jobs
-- KEYS: bodies

-- Jobs that were enqueued one after the other lie together, so that a batch needs few commands.
local TOGETHER = 64
local hashes = #bodies

local function hashOf(seq)
  local place = seq % (TOGETHER * hashes)
  return bodies[1 + (place - place % TOGETHER) / TOGETHER]
end
