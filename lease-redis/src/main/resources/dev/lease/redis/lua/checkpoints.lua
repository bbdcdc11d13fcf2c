-- Reads the checkpoints of a job that is held.
-- USES: jobs
-- KEYS: steps stepNames
-- ARGV: id, token.
-- Answer: 1, then name and value of each step, oldest first; none if the lease is lost.
local id = ARGV[1]
if not isHeldBy(load(id), tonumber(ARGV[2])) then
  return {}
end
local answer = {1}
for name in string.gmatch(redis.call('HGET', stepNames, id) or '', '%Z+') do
  answer[#answer + 1] = name
  answer[#answer + 1] = redis.call('HGET', steps, id .. '\0' .. name)
end
return answer
