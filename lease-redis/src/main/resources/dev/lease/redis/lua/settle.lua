-- USES: settlements
-- ARGV: the settlements.
-- Answer: theirs.
return settleAll(1)
