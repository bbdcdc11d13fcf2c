-- Settles jobs.
-- USES: settlements
-- ARGV: as in lib/settlements.lua.
-- Answer: as in lib/settlements.lua.
-- Bound: as in lib/settlements.lua.
local answer = settleAll(1)
hintOpened(0)
return answer
