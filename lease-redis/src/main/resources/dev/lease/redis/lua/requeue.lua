-- Makes a FAILED or CANCELLED job wait again, with all its attempts and without a deadline [Q45].
-- USES: graphs actions
-- KEYS: work
-- ARGV: id; the delay until it is due; act, see lib/actions.lua.
-- Answer: a name of JobAdmin.Requeue; or GOES_ON if nothing was requeued, and the script must run again.
-- Bound: one job, and 1,000 jobs of graphs that are let go, cancelled or are to wait again.
local id, delay, act = unpack(ARGV)
local job = load(id)
if job and job[MEMBER] == 1 and isFinished(job) then
  local goesOn = graphs().isBeingTakenBack(job)
  hintOpened(0)
  if goesOn then
    return {'GOES_ON'}
  end
end
if isLater(id) then
  return refuseLater(id)
elseif unreadable[id] then
  return {'NOT_FAILED'} -- nobody knows what it is, so it cannot run again
elseif not job then
  return {'NOT_FOUND'}
elseif job[STATE] ~= FAILED and job[STATE] ~= CANCELLED then
  return {'NOT_FAILED'}
elseif job[KEY] ~= '' then
  if (ownerOf(job[KEY]) or id) ~= id then
    return {'CONFLICT'}
  end
  write('HSET', taken, job[KEY], id)
end
withdraw(id, job)
if job[MEMBER] == 1 then
  countEnd(job[GRAPH], job[PART], job[STATE], -1)
  job[WAITS] = graphs().isWaitingPart(job) and FOR_PARTS or 0
end
job[ATTEMPTS], job[FAILURES], job[NOTAFTER] = 0, 0, -1
job[MARK] = ''
wait(job, now + delay)
enter(id, job, ON_SHELF)
save(id, job)
writeEnds()
record(act, 1)
redis.pcall('PUBLISH', work, '')
return {'REQUEUED'}
