-- Makes expired jobs wait again, or finishes them [Q40-Q44].
-- USES: moves
-- KEYS: work
-- ARGV: the most jobs.
-- Answer: how many jobs it changed; those that it finished, each with id, type, state, attempts and error.
local limit = tonumber(ARGV[1])
evenIfFull(expired)

-- Goes through a part of all jobs and puts each into its sets, because a job may be missing there [Q44].
local scanned = redis.call('HSCAN', jobs, redis.call('HGET', meta, 'scanned') or '0', 'COUNT', 100)
redis.call('HSET', meta, 'scanned', scanned[1])
for i = 1, #scanned[2], 2 do
  local id = scanned[2][i]
  note(id, scanned[2][i + 1])
  if unreadable[id] == DAMAGED then
    setAside(id)
  elseif not unreadable[id] then
    enter(id, load(id))
  end
end
writeAll()

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
