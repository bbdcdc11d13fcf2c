-- Reads the steps of a job, whatever its state [Q87].
-- USES: jobs steps
-- ARGV: id; how many steps were read before.
-- Answer: 1 if there are more, else 0; then the name and value of each step, the first first, and when it was kept.
-- Bound: 1,000 steps, and about 4 MiB of values.
local id = ARGV[1]
local answer = {0}
if load(id) or unreadable[id] then
  answer[1] = eachStep(id, tonumber(ARGV[2]), function(name, value, keptAt)
    answer[#answer + 1] = name
    answer[#answer + 1] = value
    answer[#answer + 1] = keptAt
  end)
end
return answer
