-- Reads some jobs of one sorted set, in the order of the set [Q48].
-- USES: read
-- KEYS: set
-- ARGV: 1 if it is a set of waiting jobs, score and sequence after which to begin, most jobs, type or '', which of the waiting:
--       'pending', 'retry' or '' for both.
-- Answer: the clock, the score and the sequence of the last that was looked at, 1 if the set goes on behind it,
--         then the jobs.
local score, seq, limit = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local kind, wanted = ARGV[5], ARGV[6]
local MOST_SEEN = 1000
local isWaitingSet = ARGV[1] == '1'
local answer = {now, score, seq, 0}

local function isWanted(job)
  if not job or kind ~= '' and kind ~= job[TYPE] then
    return false
  elseif not isWaitingSet then
    return true
  end
  local state = job[ATTEMPTS] == 0 and 'pending' or 'retry'
  return job[STATE] == WAITING and (wanted == '' or wanted == state)
end

local seen, offset = 0, 0
repeat
  local found = redis.call('ZRANGE', set, score, '+inf', 'BYSCORE', 'LIMIT', offset, MOST_SEEN, 'WITHSCORES')
  for i = 1, #found, 2 do
    local place, placeScore = found[i], found[i + 1]
    local placeSeq = tonumber(string.sub(place, 1, SEQ_DIGITS))
    if placeScore ~= score or placeSeq > seq then
      if seen == MOST_SEEN or #answer == 4 + limit then
        answer[4] = 1
        return answer
      end
      seen = seen + 1
      answer[2], answer[3] = placeScore, placeSeq
      local id = idOf(place)
      local job = load(id)
      if isWanted(job) then
        answer[#answer + 1] = read(id, job)
      end
    end
  end
  offset = offset + MOST_SEEN
until #found < 2 * MOST_SEEN
return answer
