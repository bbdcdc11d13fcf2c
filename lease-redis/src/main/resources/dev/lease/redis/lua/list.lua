-- Lists jobs of sorted sets, one set after the other, oldest or newest first [Q48].
-- USES: read
-- KEYS: waiting held expired done kept failed cancelled broken
-- ARGV: 1 for oldest first, -1 for newest first; the score and sequence number after which to begin in the first set;
--       the most jobs; which waiting jobs: 'pending', 'retry' or '' for both; the filter, each '' if not set: type,
--       beginning of the id, part of the error, created from and before, finished from and before; then the names of
--       the sets.
-- Answer: the clock; 1 if there may be more, else 0; where it stopped: the set, score and sequence number of the last
--         job that it looked at; then the jobs.
local way, score, seq = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local limit, wanted = tonumber(ARGV[4]), ARGV[5]
local kind, prefix, text, createdFrom, createdBefore, finishedFrom, finishedBefore = unpack(ARGV, 6, 12)
local FIRST_SET = 13
local MOST_SEEN = 1000
local sets = {held = held, expired = expired, done = done, kept = kept, failed = failed, cancelled = cancelled, broken = broken}
for priority = 0, 9 do
  sets['waiting-' .. priority] = waiting[priority + 1]
end
local wantsDamaged = false
for i = FIRST_SET, #ARGV do
  wantsDamaged = wantsDamaged or ARGV[i] == 'broken'
end
local answer = {now, 0, ARGV[FIRST_SET], score, seq}
local seen = 0

local function isIn(from, before, time)
  return from == '' and before == ''
    or time and (from == '' or time >= tonumber(from)) and (before == '' or time < tonumber(before))
end

local function isMeant(id, ofKind, created, finished)
  return (kind == '' or kind == ofKind) and string.sub(id, 1, #prefix) == prefix
    and isIn(createdFrom, createdBefore, created) and isIn(finishedFrom, finishedBefore, finished)
end

local function isSaid(error)
  return error and string.find(error, text, 1, true)
end

local function isWanted(id, job, name)
  if not job or not isMeant(id, job[TYPE], job[CREATED], isFinished(job) and job[END]) then
    return false
  elseif text ~= '' and not isSaid(redis.call('HGET', errors, id)) then
    return false
  elseif string.sub(name, 1, 7) ~= 'waiting' then
    return true
  end
  local state = job[ATTEMPTS] == 0 and 'pending' or 'retry'
  return job[STATE] == WAITING and (wanted == '' or wanted == state)
end

-- A damaged job that was not set aside yet is still in the set where it was.
local function isWantedDamaged(id, name)
  local since = damagedSince(id)
  return wantsDamaged and isMeant(id, UNKNOWN, since, since) and isSaid(DAMAGE)
    and (name == 'broken' or not redis.call('ZSCORE', broken, placeAside(id)))
end

local function places(name, offset)
  if way < 0 then
    return redis.call('ZRANGE', sets[name], score, '-inf', 'BYSCORE', 'REV', 'LIMIT', offset, MOST_SEEN, 'WITHSCORES')
  end
  return redis.call('ZRANGE', sets[name], score, '+inf', 'BYSCORE', 'LIMIT', offset, MOST_SEEN, 'WITHSCORES')
end

-- False if it stopped before the end of the set.
local function walk(name)
  local offset = 0
  while true do
    local found = places(name, offset)
    for i = 1, #found, 2 do
      local placeSeq = tonumber(string.sub(found[i], 1, SEQ_DIGITS))
      if found[i + 1] ~= score or placeSeq * way > seq * way then
        if seen == MOST_SEEN or #answer == 5 + limit then
          return false
        end
        seen = seen + 1
        answer[3], answer[4], answer[5] = name, found[i + 1], placeSeq
        local id = idOf(found[i])
        local job = load(id)
        if isWanted(id, job, name) then
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

for i = FIRST_SET, #ARGV do
  if not walk(ARGV[i]) then
    answer[2] = 1
    break
  end
  score = way < 0 and '+inf' or '-inf'
end
return answer
