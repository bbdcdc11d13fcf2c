-- Reads some jobs of sorted sets, one set after the other, each in its order [Q48].
-- USES: read
-- KEYS: waiting held expired done kept failed cancelled broken
-- ARGV: score and sequence after which to begin in the first set, most jobs, type or '', which of the waiting:
--       'pending', 'retry' or '' for both; then the names of the sets.
-- Answer: the clock, 1 if there may be more, then where it stopped: the set, the score and the sequence of the last
--         job that was looked at; then the jobs.
local score, seq, limit, kind, wanted = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local MOST_SEEN = 1000
local sets = {held = held, expired = expired, done = done, kept = kept, failed = failed, cancelled = cancelled, broken = broken}
for priority = 0, 9 do
  sets['waiting-' .. priority] = waiting[priority + 1]
end
local wantsDamaged = false
for i = 6, #ARGV do
  wantsDamaged = wantsDamaged or ARGV[i] == 'broken'
end
local answer = {now, 0, ARGV[6], score, seq}
local seen = 0

local function isWanted(job, name)
  if not job or kind ~= '' and kind ~= job[TYPE] then
    return false
  elseif string.sub(name, 1, 7) ~= 'waiting' then
    return true
  end
  local state = job[ATTEMPTS] == 0 and 'pending' or 'retry'
  return job[STATE] == WAITING and (wanted == '' or wanted == state)
end

-- One that has not been set aside yet stands where it was when it could be read.
local function isWantedDamaged(id, name)
  return (kind == '' or kind == 'unknown') and wantsDamaged
    and (name == 'broken' or not redis.call('ZSCORE', broken, placeAside(id)))
end

-- False if it stopped before the end of the set.
local function walk(name)
  local offset = 0
  while true do
    local found = redis.call('ZRANGE', sets[name], score, '+inf', 'BYSCORE', 'LIMIT', offset, MOST_SEEN, 'WITHSCORES')
    for i = 1, #found, 2 do
      local placeSeq = tonumber(string.sub(found[i], 1, SEQ_DIGITS))
      if found[i + 1] ~= score or placeSeq > seq then
        if seen == MOST_SEEN or #answer == 5 + limit then
          return false
        end
        seen = seen + 1
        answer[3], answer[4], answer[5] = name, found[i + 1], placeSeq
        local id = idOf(found[i])
        local job = load(id)
        if isWanted(job, name) then
          answer[#answer + 1] = read(id, job)
        elseif unreadable[id] == DAMAGED and isWantedDamaged(id, name) then
          answer[#answer + 1] = readDamaged(id)
        end
      end
    end
    if #found < 2 * MOST_SEEN then
      return true
    end
    offset = offset + MOST_SEEN
  end
end

for i = 6, #ARGV do
  if not walk(ARGV[i]) then
    answer[2] = 1
    break
  end
  score, seq = '-inf', -1
end
return answer
