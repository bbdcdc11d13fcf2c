-- Stores jobs.
-- USES: arrivals
-- ARGV: as in lib/arrivals.lua.
-- Answer: as in lib/arrivals.lua.
-- Bound: as in lib/arrivals.lua.
return storeAll(1)
