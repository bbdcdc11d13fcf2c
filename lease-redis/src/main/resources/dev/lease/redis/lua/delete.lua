-- Deletes a job in any state, with its checkpoints [Q38].
-- USES: remove actions
-- KEYS: windows
-- ARGV: id; act, see lib/actions.lua.
-- Answer: 1 if the job was deleted, 0 if there was none, 2 if the script must run again because there are many steps.
local id, act = unpack(ARGV)
local job = load(id)
if unreadable[id] == LATER then
  return refuseLater(id)
end
redis.call('SREM', remembered, id)
redis.call('SREM', rememberedBefore, id)
redis.call('ZREM', windows, id)
if eraseSteps({id}) == 0 then
  if job and not isFinished(job) then
    -- Until then no worker may run it.
    withdraw(id, job)
    job[UNTIL] = -1
    finish(id, job, CANCELLED)
    enter(id, job)
    save(id, job)
    writeMoves()
  end
  return {2}
end
local place = job and member(id, job) or placeAside(id)
if unreadable[id] then
  write('ZREM', broken, place)
  for _, hash in ipairs(bodies) do
    write('HDEL', hash, id)
  end
elseif not job then
  return {0}
else
  withdraw(id, job)
  freeKey(id, job[KEY], 0)
end
writeMoves()
erase({place})
record(act, 1)
return {1}
