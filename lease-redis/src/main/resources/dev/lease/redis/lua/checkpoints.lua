-- Reads the checkpoints of a held job.
-- USES: jobs steps
-- ARGV: id, token.
-- Answer: 1, then the name and value of each step, oldest first; empty if the lease is lost.
local id = ARGV[1]
if not isHeldBy(load(id), tonumber(ARGV[2])) then
  return {}
end
local answer = {1}
eachStep(id, function(name, value)
  answer[#answer + 1] = name
  answer[#answer + 1] = value
end)
return answer
