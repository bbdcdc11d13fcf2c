-- Lists jobs of sorted sets, one set after the other, oldest or newest first [Q48].
-- USES: read hex
-- KEYS: waiting held expired done kept failed cancelled broken waits
-- ARGV: 1 for oldest first, -1 for newest first; the score and sequence number after which to begin in the first set,
--       or, in "shelf" and "line", whose members have no scores, the member in hexadecimal digits instead of the score;
--       the most jobs; the most jobs to look at; what to answer of a job: 'all', 'brief' without the ends of long
--       texts, or 'none'; which waiting jobs: 'pending', 'retry' or '' for both; 1 for jobs whose row is damaged too,
--       else 0; the filter, each '' if not set: type, key, beginning of the id, part of the error, created from and
--       before, finished from and before; then the names of the sets.
-- Answer: the clock; 1 if there may be more, else 0; where it stopped: the set, score and sequence number of the last
--         job that it looked at, as above; how many it looked at, and how many of them matched; then the jobs, each
--         with its score and sequence number behind its fields.
-- Bound: the most jobs to look at; the caller gives 1,000 at most.
local way, score, seq = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local limit, mostSeen, told, wanted, wantsDamaged = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8] == '1'
local kind, jobKey, prefix, text, createdFrom, createdBefore, finishedFrom, finishedBefore = unpack(ARGV, 9, 16)
local FIRST_SET = 17
local _, shelf, line = unpack(keyed)
local sets = {held = held, expired = expired, done = done, kept = kept, failed = failed, cancelled = cancelled, broken = broken, shelf = shelf, line = line, waits = waits}
for priority = 0, 9 do
  sets['waiting-' .. priority] = waiting[priority + 1]
end
local SET, SCORE, SEQUENCE, SEEN, FOUND = 3, 4, 5, 6, 7
local answer = {now, 0, ARGV[FIRST_SET], score, seq, 0, 0}

local function isIn(from, before, time)
  return from == '' and before == ''
    or time and (from == '' or time >= tonumber(from)) and (before == '' or time < tonumber(before))
end

local function isMeant(id, ofKind, ofKey, created, finished)
  return (kind == '' or kind == ofKind) and (jobKey == '' or jobKey == ofKey) and string.sub(id, 1, #prefix) == prefix
    and isIn(createdFrom, createdBefore, created) and isIn(finishedFrom, finishedBefore, finished)
end

local function isSaid(error)
  return error and string.find(error, text, 1, true)
end

-- Whether a set has the order of its members, see lib/slots.lua.
local function isByMember(name)
  return name == 'shelf' or name == 'line'
end

-- The place of a job in a member of a set.
local function placeIn(name, each)
  if isByMember(name) then
    local from = name == 'shelf' and string.find(each, '%z') + 1 or 0
    return string.sub(each, from + 18)
  end
  return each
end

local function isWanted(id, job, name)
  if not job or not isMeant(id, job[TYPE], job[JOBKEY], job[CREATED], isFinished(job) and job[END]) then
    return false
  elseif text ~= '' and not isSaid(redis.call('HGET', errors, id)) then
    return false
  elseif name == 'waits' then
    return job[WAITS] == FOR_PARTS and wanted ~= 'retry'
  elseif string.sub(name, 1, 7) ~= 'waiting' and not isByMember(name) then
    return true
  end
  local state = job[ATTEMPTS] == 0 and 'pending' or 'retry'
  return job[STATE] == WAITING and (wanted == '' or wanted == state)
end

-- A damaged job that was not put aside yet is still in the set where it was. One that was EXPIRED is among the waiting
-- ones too, and is told there.
local function isWantedDamaged(id, name)
  local since = damagedSince(id)
  return wantsDamaged and name ~= 'expired' and isMeant(id, UNKNOWN, false, since, since) and isSaid(DAMAGE)
    and (name == 'broken' or not redis.call('ZSCORE', broken, placeAside(id)))
end

-- The places from one rank to another, both counted along the way of the list: member and score in turn.
local function places(name, first, last)
  if way < 0 then
    return redis.call('ZRANGE', sets[name], first, last, 'REV', 'WITHSCORES')
  end
  return redis.call('ZRANGE', sets[name], first, last, 'WITHSCORES')
end

-- Whether the list has passed a place: it is not behind the one where the last page ended.
local function isPassed(place, ofPlace)
  local ahead = tonumber(ofPlace) - score
  if ahead == 0 then
    ahead = struct.unpack(PACKED_SEQ, place) - seq
  end
  return ahead * way <= 0
end

-- The rank at which to begin. The job where the last page ended may have left, so its rank cannot be asked for.
local function firstRank(name)
  if isByMember(name) then
    local last = '[' .. fromHex(score)
    return redis.call('ZLEXCOUNT', sets[name], unpack(way > 0 and {'-', last} or {last, '+'}))
  end
  local low, high = 0, redis.call('ZCARD', sets[name])
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isPassed(unpack(places(name, middle, middle))) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- Enough bytes for the characters of a brief text: one has at most four.
local BRIEF = 800

local function beginning(text)
  return text and string.sub(text, 1, BRIEF)
end

-- The headers come before the payload, each followed by a zero byte.
local function briefBody(body)
  local headers = body and #body > BRIEF and string.find(body, '%z%Z*$') or 0
  return body and string.sub(body, 1, headers + BRIEF)
end

local function add(place, ofPlace, id, job)
  answer[FOUND] = answer[FOUND] + 1
  if told ~= 'none' then
    job = job and read(id, job) or readDamaged(id)
    if told == 'brief' then
      job[TOLD_BODY], job[TOLD_RESULT] = briefBody(job[TOLD_BODY]), beginning(job[TOLD_RESULT])
    end
    job[#job + 1] = ofPlace
    job[#job + 1] = struct.unpack(PACKED_SEQ, place)
    answer[#answer + 1] = job
  end
end

-- Whether no job behind one with this score can match: the sets of finished jobs go by the time of the finish, and in
-- "expired" nothing has finished. A damaged row that is not put aside yet may be passed over.
local function isBehindAll(name, ofPlace)
  return way < 0 and finishedFrom ~= '' and tonumber(ofPlace) < tonumber(finishedFrom)
    and name ~= 'held' and name ~= 'waits' and string.sub(name, 1, 7) ~= 'waiting' and not isByMember(name)
end

local MOST_AT_ONCE = 100
local last = false

-- False if it stopped before the end of the set.
local function walk(name, rank)
  while true do
    local found = places(name, rank, rank + MOST_AT_ONCE - 1)
    for i = 1, #found, 2 do
      if isBehindAll(name, found[i + 1]) then
        return true
      elseif answer[SEEN] == mostSeen or answer[FOUND] == limit then
        return false
      end
      answer[SEEN] = answer[SEEN] + 1
      local place = placeIn(name, found[i])
      answer[SET], answer[SCORE], answer[SEQUENCE] = name, found[i + 1], (struct.unpack(PACKED_SEQ, place))
      last = found[i]
      local id = idOf(place)
      local job = load(id)
      if isWanted(id, job, name) then
        add(place, found[i + 1], id, job)
      elseif unreadable[id] == DAMAGED and isWantedDamaged(id, name) then
        add(place, found[i + 1], id)
      end
    end
    if #found < 2 * MOST_AT_ONCE then
      return true
    end
    rank = rank + MOST_AT_ONCE
  end
end

for i = FIRST_SET, #ARGV do
  local isWithin = i == FIRST_SET and string.sub(score, 2) ~= 'inf'
  if not walk(ARGV[i], isWithin and firstRank(ARGV[i]) or 0) then
    answer[2] = 1
    break
  end
end
if last and isByMember(answer[SET]) then
  answer[SCORE] = toHex(last)
end
return answer
