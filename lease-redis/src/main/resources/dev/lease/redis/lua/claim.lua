-- Claims jobs.
-- USES: claims
-- ARGV: as in lib/claims.lua.
-- Answer: as in lib/claims.lua.
-- Bound: as in lib/claims.lua.
return claim({})
