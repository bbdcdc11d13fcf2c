-- Reads the steps of a job, whatever its state [Q87].
-- USES: jobs steps
-- ARGV: id.
-- Answer: the name and value of each step, the first first, and when it was kept.
local id = ARGV[1]
local answer = {}
if load(id) or unreadable[id] then
  eachStep(id, function(name, value, keptAt)
    answer[#answer + 1] = name
    answer[#answer + 1] = value
    answer[#answer + 1] = keptAt
  end)
end
return answer
