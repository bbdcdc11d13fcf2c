-- Counts the jobs of a queue [Q48].
-- USES: jobs
-- KEYS: meta waiting held expired done kept failed cancelled broken later shelf line coming waits
-- Answer: the clock; 1 if the queue is paused, else 0; the numbers of jobs that are PENDING, PROCESSING, RETRY, DONE,
--         FAILED and CANCELLED; the number of expired leases; the earliest due time of the jobs that can be claimed,
--         or -1; the number of jobs that are held back; the number of those that wait for parts of their graphs.
-- Bound: the sizes of the sets, and 1,000 expired jobs.
local function size(set)
  return redis.call('ZCARD', set)
end

-- Jobs that were put aside wait for workers of a later version, unless they are finished.
local waitForParts = size(waits)
local all, oldest = redis.call('ZCOUNT', later, 0, '+inf') + waitForParts, -1
local function isDue(due)
  if due <= now and (oldest < 0 or due < oldest) then
    oldest = due
  end
end

for priority = 0, 9 do
  local ofPriority = size(waiting[priority + 1])
  if ofPriority > 0 then
    all = all + ofPriority
    isDue(tonumber(redis.call('ZRANGE', waiting[priority + 1], 0, 0, 'WITHSCORES')[2]))
  end
end
-- See lib/slots.lua. Of the jobs on the shelf all are due but those that "coming" has for later.
local heldBack = 0
if redis.call('EXISTS', shelf, line) > 0 then
  local onShelf = size(shelf)
  all = all + onShelf + size(line)
  heldBack = onShelf - redis.call('ZCOUNT', coming, string.format('(%.0f', now), '+inf')
  for urgency = 0, 9 do
    local untilNow = string.format('(%d%016.0f', urgency, now + 1)
    heldBack = heldBack + redis.call('ZLEXCOUNT', line, '[' .. urgency, untilNow)
  end
end
-- A sample of the expired jobs is enough to tell how long jobs wait.
local MOST_SEEN = 1000
for _, place in ipairs(redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, MOST_SEEN)) do
  local job = load(idOf(place))
  if job then
    isDue(job[TURN] > 0 and job[TURN] or job[DUE])
  end
end
-- A script that broke off may have left a wrong number of retries, until a repair counts them.
local notHeld = math.max(all - size(expired), 0)
local retrying = math.min(math.max(tonumber(redis.call('HGET', meta, 'retries') or 0), 0), notHeld)
return {
  now, redis.call('HEXISTS', meta, 'paused'), notHeld - retrying, size(held) + size(expired),
  retrying, size(done) + size(kept), size(failed) + size(broken), size(cancelled), redis.call('ZCOUNT', held, '-inf', now) + size(expired), oldest, math.max(heldBack, 0),
  waitForParts,
}
