-- Reads what operators did in a queue, newest first.
-- KEYS: actions actionTexts
-- ARGV: the latest time; the id of a job, or '' for all; the most records.
-- Answer: the time and the text of each record, as lib/actions.lua writes it.
-- Bound: all records of a queue, of which there are 10,000 at most.
local latest, id, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local AT_ONCE = 500
local answer, looked = {}, 0
repeat
  local places = redis.call('ZRANGE', actions, latest, '-inf', 'BYSCORE', 'REV', 'LIMIT', looked, AT_ONCE, 'WITHSCORES')
  for i = 1, #places, 2 do
    local text = redis.call('HGET', actionTexts, places[i])
    if text and (id == '' or string.match(text, '^%Z*%z%Z*%z%Z*%z(%Z*)%z') == id) and #answer < 2 * limit then
      answer[#answer + 1] = places[i + 1]
      answer[#answer + 1] = text
    end
  end
  looked = looked + AT_ONCE
until #answer >= 2 * limit or #places < 2 * AT_ONCE
return answer
