-- Cancels a waiting job, or requests the cancellation of a job that is held [Q38].
-- USES: graphs actions
-- KEYS: work
-- ARGV: id; act, see lib/actions.lua.
-- Answer: a name of JobAdmin.Cancellation.
-- Bound: one job, and 100 jobs of its graph that are let go or cancelled.
local id, act = unpack(ARGV)
evenIfFull(held)
local job = load(id)
if isLater(id) then
  return refuseLater(id)
elseif unreadable[id] then
  return {'FINISHED'}
elseif not job then
  return {'NOT_FOUND'}
elseif isFinished(job) then
  return {'FINISHED'}
elseif job[STATE] ~= WAITING then
  local wasRequested = job[CANCEL] == 1
  job[CANCEL] = 1
  save(id, job)
  writeMoves()
  if not wasRequested then
    record(act, 1)
  end
  return {'REQUESTED'}
end
withdraw(id, job)
finish(id, job, CANCELLED)
enter(id, job)
save(id, job)
writeEnds()
record(act, 1)
hintOpened(0)
return {'CANCELLED'}
