-- Moves the ends of leases that are held [Q22, Q23].
-- USES: jobs
-- KEYS: held
-- ARGV: duration, then for each lease: id, token.
-- Answer: for each lease: its expiry, or 0 if it is lost; 1 if it is to be cancelled.
local expiry = now + tonumber(ARGV[1])
evenIfFull(held)
loadAll(ARGV, 2, 2)
local answer, holds = {}, {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local job = load(id)
  if job and job[STATE] == HELD and job[TOKEN] == tonumber(ARGV[i + 1]) and now < job[EXPIRY] then
    job[EXPIRY] = expiry
    save(id, job)
    holds[#holds + 1] = expiry
    holds[#holds + 1] = member(id, job)
    answer[#answer + 1] = expiry
    answer[#answer + 1] = job[CANCEL]
  else
    answer[#answer + 1] = 0
    answer[#answer + 1] = 0
  end
end
if #holds > 0 then
  redis.call('ZADD', held, unpack(holds))
end
writeJobs()
return answer
