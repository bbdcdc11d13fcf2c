-- Reads names of leases that are held, in order [L21].
-- KEYS: the names by expiry, the names in order.
-- ARGV: the name after which to begin, or ''; most names.
-- Answer: the clock, then the names.
local answer, after = {now}, ARGV[1] == '' and '-' or '(' .. ARGV[1]
local limit = tonumber(ARGV[2])
repeat
  local names = redis.call('ZRANGE', KEYS[2], after, '+', 'BYLEX', 'LIMIT', 0, 1000)
  for _, name in ipairs(names) do
    after = '(' .. name
    local expiry = redis.call('ZSCORE', KEYS[1], name)
    if expiry and now < tonumber(expiry) and #answer <= limit then
      answer[#answer + 1] = name
    end
  end
until #names == 0 or #answer > limit
return answer
