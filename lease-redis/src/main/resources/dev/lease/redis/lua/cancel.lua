-- Cancels a waiting job, or requests the cancellation of a job that is held [Q38].
-- USES: moves
-- ARGV: id.
-- Answer: a name of JobAdmin.Cancellation.
local id = ARGV[1]
evenIfFull(held)
local job = load(id)
if unreadable[id] == LATER then
  return refuseLater(id)
elseif unreadable[id] then
  return {'FINISHED'}
elseif not job then
  return {'NOT_FOUND'}
elseif isFinished(job) then
  return {'FINISHED'}
elseif job[STATE] ~= WAITING then
  job[CANCEL] = 1
  save(id, job)
  writeMoves()
  return {'REQUESTED'}
end
withdraw(id, job)
finish(id, job, CANCELLED)
enter(id, job)
save(id, job)
writeMoves()
return {'CANCELLED'}
