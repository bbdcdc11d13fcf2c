-- Settles jobs, and then claims jobs.
-- USES: settlements claims
-- ARGV: first as in lib/claims.lua, then as in lib/settlements.lua.
-- Answer: first as in lib/settlements.lua, then as in lib/claims.lua.
-- Bound: as in lib/settlements.lua and lib/claims.lua.
local answer = claim(settleAll(7))
hintOpened(#places)
return answer
