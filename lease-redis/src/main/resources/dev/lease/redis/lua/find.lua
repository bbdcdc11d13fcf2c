-- Reads a job [Q48].
-- USES: read
-- ARGV: id.
-- Answer: the clock, then the job, if there is one.
-- Bound: one job.
local id = ARGV[1]
local job = load(id)
if isLater(id) then
  return refuseLater(id)
elseif unreadable[id] then
  return {now, readDamaged(id)}
end
return {now, job and read(id, job) or nil}
