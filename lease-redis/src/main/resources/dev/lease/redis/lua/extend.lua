-- Extends the leases of held jobs [Q22, Q23].
-- USES: jobs
-- KEYS: held
-- ARGV: lease duration, then for each lease: id, token.
-- Answer: for each lease: its expiry, or 0 if it is lost; 1 if the job's cancellation was requested, else 0.
-- Bound: the leases given; the caller gives 1,000 at most.
local expiry = now + tonumber(ARGV[1])
evenIfFull(held)
local ids, answer = {}, {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end
loadAll(ids)
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local job = load(id)
  if job and job[STATE] == HELD and job[TOKEN] == tonumber(ARGV[i + 1]) and now < job[END] then
    job[END] = expiry
    save(id, job)
    write('ZADD', held, expiry, member(id, job))
    answer[#answer + 1] = expiry
    answer[#answer + 1] = job[CANCEL]
  else
    answer[#answer + 1] = 0
    answer[#answer + 1] = 0
  end
end
writeAll()
return answer
