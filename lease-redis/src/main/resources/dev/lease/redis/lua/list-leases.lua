-- Lists the names of held leases in a range of names, in order [L21, L33].
-- KEYS: byExpiry byName
-- ARGV: where the range begins, with '[' if that name is in it and '(' if not; where it ends; the most names.
-- Answer: the clock, the last name that was looked at if there may be more, or ''; then the names.
-- Bound: 1,000 names, held or not.
local PIECE = 1000
local from, to, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local names = redis.call('ZRANGE', byName, from, to, 'BYLEX', 'LIMIT', 0, PIECE)
local answer = {now, names[PIECE] or ''}
for _, name in ipairs(names) do
  local expiry = redis.call('ZSCORE', byExpiry, name)
  if expiry and now < tonumber(expiry) then
    answer[#answer + 1] = name
    if #answer == most + 2 then
      answer[2] = name
      break
    end
  end
end
return answer
