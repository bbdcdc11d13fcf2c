-- Brings jobs to the limits: first takes slots of keys that are too many, then slots of the queue, and then gives those
-- that are free [Q68].
-- USES: moves hex
-- KEYS: work
-- ARGV: the most jobs; the step, 'take', 'shut' or 'give', a space, and where to go on in it, in hexadecimal digits, or
--       nothing to begin.
-- Answer: how many it changed; where to go on, or '' if all are done.
-- Bound: 4,000 jobs, and 200 keys.
local admitted, shelf, line, _, limits = unpack(keyed)
local most, step, from = tonumber(ARGV[1]), string.match(ARGV[2], '^(%a+) (%x*)$')
local MOST_SEEN, MOST_KEYS = 2000, 200
local changed, seen = 0, 0
evenIfFull(line)

-- Of jobs that wait and have slots, those whose turns are last come first.
local function isBehind(one, other)
  local first, second = one.job, other.job
  if first[PRIORITY] ~= second[PRIORITY] then
    return first[PRIORITY] < second[PRIORITY]
  elseif slots().turnOf(first) ~= slots().turnOf(second) then
    return slots().turnOf(first) > slots().turnOf(second)
  end
  return (struct.unpack(PACKED_SEQ, first[SEQ])) > (struct.unpack(PACKED_SEQ, second[SEQ]))
end

-- Takes slots of a key. Of very many jobs it looks at the last ones first, some at a time. Returns where it stopped if
-- there may be more.
local function takeSlots(key, surplus, before)
  while surplus > 0 and changed < most do
    local seats = redis.call('ZRANGE', admitted, before, '[' .. key .. '\0', 'BYLEX', 'REV', 'LIMIT', 0, MOST_SEEN)
    if #seats == 0 then
      return
    end
    seen = seen + #seats
    local ids, found = {}, {}
    for i, seat in ipairs(seats) do
      ids[i] = idOf(string.sub(seat, #key + 2))
    end
    loadAll(ids)
    for _, id in ipairs(ids) do
      local job = load(id)
      if job and job[STATE] == WAITING and slots().standOf(id, job) ~= ON_SHELF then
        found[#found + 1] = {id = id, job = job}
      end
    end
    table.sort(found, isBehind)
    for i = 1, math.min(surplus, #found, most - changed) do
      local id, job = found[i].id, found[i].job
      slots().leave(id, job)
      slots().free(key, member(id, job))
      slots().stand(id, job, ON_SHELF)
      changed, surplus = changed + 1, surplus - 1
    end
    before = '(' .. seats[#seats]
    if seen >= MOST_SEEN then
      return before
    end
  end
end

local function nextKey(set, key)
  local met = redis.call('ZRANGE', set, key == '' and '-' or '[' .. key .. '\1', '+', 'BYLEX', 'LIMIT', 0, 1)[1]
  return met and string.match(met, '^%Z*')
end

-- Each of the steps returns where it has to go on, or nothing if it is done.
local function takeAll()
  local key, inKey = string.match(from, '^(%Z*)(.*)$')
  key = inKey ~= '' and key or nextKey(admitted, key)
  local before = inKey ~= '' and '(' .. from
  for _ = 1, MOST_KEYS do
    if not key or changed == most then
      return
    elseif seen >= MOST_SEEN then
      return from
    end
    local limit = slots().limitsOf(key)
    if limit.slots then
      local surplus = redis.call('ZLEXCOUNT', admitted, '[' .. key .. '\0', '(' .. key .. '\1') - limit.slots
      local rest = takeSlots(key, surplus, before or '(' .. key .. '\1')
      if rest then
        return string.sub(rest, 2)
      end
    end
    before, from, key = false, key, nextKey(admitted, key)
  end
  return key and from
end

-- The place is a priority, and how many jobs of it were passed: claims would meet those last.
local AT_ONCE = 500

local function shutAll()
  local queueSlots = redis.call('HGET', limits, '\0')
  local surplus = queueSlots and redis.call('ZCARD', admitted) - redis.call('ZCARD', line) - queueSlots or 0
  local priority, passed = string.match(from, '^(%d) (%d+)$')
  priority, passed = tonumber(priority or 0), tonumber(passed or 0)
  while priority <= 9 and surplus > 0 and changed < most do
    if seen >= MOST_SEEN then
      return priority .. ' ' .. passed
    end
    local places = redis.call('ZRANGE', waiting[priority + 1], passed, passed + AT_ONCE - 1, 'REV')
    seen = seen + #places
    local ids = idsOf(places)
    loadAll(ids)
    for i, id in ipairs(ids) do
      local job = load(id)
      if surplus > 0 and changed < most and job and job[JOBKEY] ~= '' and job[STATE] == WAITING then
        slots().standOf(id, job)
        slots().leave(id, job)
        slots().stand(id, job, IN_LINE)
        save(id, job)
        changed, surplus = changed + 1, surplus - 1
      else
        passed = passed + 1
      end
    end
    writeAll()
    if #places < AT_ONCE then
      priority, passed = priority + 1, 0
    end
  end
end

local function giveAll()
  slots().mostAdmitted, slots().mostChanged = most, most
  local key = from
  for _ = 1, MOST_KEYS do
    key = nextKey(shelf, key)
    if not key then
      break
    end
    slots().touch(key)
  end
  slots().passOn()
  changed = keyTools.admitted + keyTools.leftLine
  if keyTools.opened > 0 then
    redis.pcall('PUBLISH', work, '')
  end
  return key
end

local STEPS = {take = takeAll, shut = shutAll, give = giveAll}
local NEXT = {take = 'shut', shut = 'give'}
from = fromHex(from)
local rest = STEPS[step]()
writeAll()
if rest then
  return {changed, step .. ' ' .. toHex(rest)}
end
return {changed, NEXT[step] and NEXT[step] .. ' ' or ''}
