-- USES: claims
-- ARGV: of the claim.
-- Answer: of the claim.
return claim({})
