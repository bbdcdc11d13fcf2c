-- Changes a waiting job [Q56].
-- USES: moves bodies actions
-- KEYS: work
-- ARGV: id; the new due time, priority, crashes left, failures left and deadline, each '' if it stays; act, see
--       lib/actions.lua, without what was changed; then the new payload, if any.
-- Answer: a name of JobAdmin.Change.
-- Bound: one job.
local id, due, priority, crashesLeft, failuresLeft, notAfter, act, payload = unpack(ARGV)
local MOST = 2147483647
local job = load(id)
if isLater(id) then
  return refuseLater(id)
elseif unreadable[id] then
  return {'FINISHED'}
elseif not job then
  return {'NOT_FOUND'}
elseif isHeld(job) then
  return {'HELD'}
elseif isFinished(job) then
  return {'FINISHED'}
end

-- What was changed, for JobCodec: of each value its name, and what it was before and after.
local changes, newPayload = {}, nil
local function noteChange(name, before, after)
  if before ~= after then
    changes[#changes + 1] = string.format('%s %.0f %.0f', name, before, after)
  end
end

local dueBefore, priorityBefore, crashesBefore, failuresBefore, notAfterBefore =
  job[DUE], job[PRIORITY], job[MAXCRASHES], job[MAXFAILURES], job[NOTAFTER]
local where = job[JOBKEY] ~= '' and not isWaitingForParts(job) and slots().standOf(id, job) or nil
withdraw(id, job)
if priority ~= '' then
  job[PRIORITY] = tonumber(priority)
end
if crashesLeft ~= '' then
  job[MAXCRASHES] = math.min(job[ATTEMPTS] - job[FAILURES] + crashesLeft, MOST)
end
if failuresLeft ~= '' then
  job[MAXFAILURES] = math.min(job[FAILURES] + failuresLeft, MOST)
end
if notAfter ~= '' then
  job[NOTAFTER] = dueOf(notAfter)
end
local isMoved = false
if payload then
  -- The payload is the last part of the body, after the headers.
  local body = bodyOf(id, job) or ''
  local headers = string.match(body, '^.*%z') or ''
  if body ~= headers .. payload then
    newPayload = string.format('payload bytes %.0f %.0f', #body - #headers, #payload)
  end
  body = headers .. payload
  job[SIZE] = #body
  isMoved = not job[BODY] and #body <= MOST_IN_ROW
  job[BODY] = #body <= MOST_IN_ROW and body
  if not job[BODY] then
    write('HSET', hashOf(job[SEQ]), id, body)
  end
end
wait(job, due ~= '' and dueOf(due) or job[DUE])
if where and where ~= ON_SHELF and due ~= '' then
  where = slots().putOff(id, job)
end
enter(id, job, where)
save(id, job)
writeMoves()
if isMoved then
  redis.call('HDEL', hashOf(job[SEQ]), id)
end
noteChange('due', dueBefore, job[DUE])
noteChange('priority', priorityBefore, job[PRIORITY])
noteChange('crashes', crashesBefore, job[MAXCRASHES])
noteChange('failures', failuresBefore, job[MAXFAILURES])
noteChange('deadline', notAfterBefore, job[NOTAFTER])
changes[#changes + 1] = newPayload
if act ~= '' and #changes > 0 then
  record(act .. table.concat(changes, ',') .. '\0', 1)
end
if job[DUE] <= now or keyTools and keyTools.opened > 0 then
  redis.pcall('PUBLISH', work, '')
end
return {'CHANGED'}
