-- Settles jobs.
-- USES: settlements
-- ARGV: as in lib/settlements.lua.
-- Answer: as in lib/settlements.lua.
-- Bound: as in lib/settlements.lua.
return settleAll(1)
