-- Lists the names of held leases, in order [L21].
-- KEYS: byExpiry byName
-- ARGV: the name after which to begin, or ''; the most names.
-- Answer: the clock, then the names.
local answer, after = {now}, ARGV[1] == '' and '-' or '(' .. ARGV[1]
local limit = tonumber(ARGV[2])
repeat
  local names = redis.call('ZRANGE', byName, after, '+', 'BYLEX', 'LIMIT', 0, 1000)
  for _, name in ipairs(names) do
    after = '(' .. name
    local expiry = redis.call('ZSCORE', byExpiry, name)
    if expiry and now < tonumber(expiry) and #answer <= limit then
      answer[#answer + 1] = name
    end
  end
until #names == 0 or #answer > limit
return answer
