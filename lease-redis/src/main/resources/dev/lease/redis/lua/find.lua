-- Reads a job [Q48].
-- USES: read
-- ARGV: id.
-- Answer: the clock, then the job, if there is one.
local id = ARGV[1]
local job = load(id)
if unreadable[id] == LATER then
  return refuseLater(id)
elseif unreadable[id] then
  return {now, readDamaged(id)}
end
return {now, job and read(id, job) or nil}
