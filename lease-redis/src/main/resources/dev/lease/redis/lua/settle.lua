-- Settles jobs.
-- USES: settlements
-- ARGV: as in lib/settlements.lua.
-- Answer: as in lib/settlements.lua.
-- Bound: as in lib/settlements.lua.
local answer = settleAll(1)
if keyTools and keyTools.opened > 0 then
  redis.pcall('PUBLISH', work, '')
end
return answer
