-- Reads the checkpoints of a held job.
-- USES: jobs steps
-- ARGV: id, token.
-- Answer: 1, then the name and value of each step, oldest first; empty if the lease is lost.
local id = ARGV[1]
if not isHeldBy(load(id), tonumber(ARGV[2])) then
  return {}
end
local answer = {1}
local function add(names)
  local values = redis.call('HMGET', steps, unpack(fieldsOf(id, names)))
  for i, name in ipairs(names) do
    answer[#answer + 1] = name
    answer[#answer + 1] = values[i]
  end
end

for name in string.gmatch(redis.call('HGET', stepNames, id) or '', '%Z+') do
  add({name})
end
local count = tonumber(redis.call('HGET', steps, id) or 0)
for first = 1, count, MOST_STEPS do
  add(namesOf(id, first, math.min(first + MOST_STEPS - 1, count)))
end
return answer
