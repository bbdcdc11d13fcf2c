-- Reads the checkpoints of a held job.
-- USES: jobs steps
-- ARGV: id, token; how many steps were read before.
-- Answer: 1 if there are more, else 0; then the name and value of each step, oldest first; empty if the lease is lost.
-- Bound: 1,000 steps, and about 4 MiB of values.
local id = ARGV[1]
if not isHeldBy(load(id), tonumber(ARGV[2])) then
  return {}
end
local answer = {0}
answer[1] = eachStep(id, tonumber(ARGV[3]), function(name, value)
  answer[#answer + 1] = name
  answer[#answer + 1] = value
end)
return answer
