-- USES: settlements claims
-- ARGV: of the claim, then the settlements.
-- Answer: of the settlements, then of the claim.
return claim(settleAll(7))
