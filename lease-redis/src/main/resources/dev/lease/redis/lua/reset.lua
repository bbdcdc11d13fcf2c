-- Makes expired jobs wait again, or finishes them [Q40-Q43].
-- USES: moves
-- KEYS: work
-- ARGV: the most jobs.
-- Answer: how many jobs it changed; those that it finished, each with id, type, state, attempts, failures and error.
local limit = tonumber(ARGV[1])
evenIfFull(expired)

local places = redis.call('ZRANGE', expired, 0, limit - 1)
if #places < limit then
  for _, place in ipairs(redis.call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit - #places)) do
    places[#places + 1] = place
  end
end
local reset, runs = 0, false
local ids = idsOf(places)
loadAll(ids)
for i, id in ipairs(ids) do
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
    enter(id, job)
    save(id, job)
    reset = reset + 1
  elseif unreadable[id] ~= LATER then
    write('ZREM', held, places[i])
    write('ZREM', expired, places[i])
    if unreadable[id] then
      setAside(id)
    end
  end
end
writeMoves()
if runs then
  redis.pcall('PUBLISH', work, '')
end
return {reset, finishedJobs}
