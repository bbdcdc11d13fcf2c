-- Makes expired jobs wait again, or finishes them [Q40-Q43].
-- USES: graphs
-- KEYS: work
-- ARGV: the most jobs.
-- Answer: how many jobs it changed; 1 if the script must run again because it looked at as many jobs as it may, else 0;
--         the jobs that it finished, each with id, type, state, attempts, failures and error.
-- Bound: 2,000 jobs, 1,000 that were put aside, and 100 jobs of graphs that are let go or cancelled.
local limit = tonumber(ARGV[1])
evenIfFull(expired)
local tookBack = takeBack(-READS, MOST_TAKEN_BACK)

-- The most jobs that it looks at.
local MOST_SEEN = 2000
local reset, seen, runs = 0, 0, false

local function resetAt(place)
  local id = idOf(place)
  local job = load(id)
  if job and isHeld(job) then
    withdraw(id, job)
    if mayRunAgain(job) then
      noteFailure(id, job, LEASE_EXPIRED)
      job[MARK] = ''
      wait(job, job[DUE])
      runs = true
    else
      giveUp(id, job)
    end
    enter(id, job, OPEN)
    save(id, job)
    reset = reset + 1
  else
    write('ZREM', held, place)
    write('ZREM', expired, place)
    if unreadable[id] then
      putAside(id, place)
    end
  end
end

-- Resets jobs of a set, until there are enough.
local function resetFrom(set, expiry)
  while reset < limit and seen < MOST_SEEN do
    local places = redis.call('ZRANGE', set, '-inf', expiry, 'BYSCORE', 'LIMIT', 0, math.min(limit - reset, MOST_SEEN - seen))
    if #places == 0 then
      break
    end
    loadAll(idsOf(places))
    for _, place in ipairs(places) do
      resetAt(place)
    end
    writeAll()
    seen = seen + #places
  end
end

resetFrom(expired, '+inf')
resetFrom(held, now)
writeEnds()
hintOpened(runs and -1 or 0)
local goesOn = reset < limit and (tookBack or seen >= MOST_SEEN)
return {reset, goesOn and 1 or 0, finishedJobs}
