-- Changes a waiting job [Q56].
-- USES: moves bodies
-- KEYS: work
-- ARGV: id; the new due time, priority and attempts left, each '' if it stays; then the new payload, if any.
-- Answer: a name of JobAdmin.Change.
local id, due, priority, attemptsLeft, payload = unpack(ARGV)
local MOST_ATTEMPTS = 2147483647
local job = load(id)
if unreadable[id] == LATER then
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
withdraw(id, job)
if priority ~= '' then
  job[PRIORITY] = tonumber(priority)
end
if attemptsLeft ~= '' then
  job[MAX] = math.min(job[ATTEMPTS] + attemptsLeft, MOST_ATTEMPTS)
end
if payload then
  -- The payload is the last part of the body, after the headers.
  local hash = hashOf(job[VERSION], job[SEQ])
  local headers = string.match(redis.call('HGET', hash, id) or '', '^.*%z') or ''
  write('HSET', hash, id, headers .. payload)
  job[SIZE] = #headers + #payload
end
wait(job, due ~= '' and dueOf(due) or job[DUE])
enter(id, job)
save(id, job)
writeMoves()
if job[DUE] <= now then
  redis.pcall('PUBLISH', work, '')
end
return {'CHANGED'}
