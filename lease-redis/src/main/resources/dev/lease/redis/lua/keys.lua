-- Lists the keys of a queue that have a job which is not finished, or a limit of their own.
-- USES: slots
-- KEYS: limited
-- ARGV: the key behind which to begin, or ''; the most keys.
-- Answer: the last key that was looked at if there may be more, else ''; the limit of every key and the slots of the
--         queue, each '' if there is none; then for each key: its own limit or ''; the numbers of its jobs that are
--         admitted, held, and held back; before when none starts, or 0.
-- Bound: 1,001 admitted jobs of each key, of keys with 2,000 jobs in all, or one more.
local admitted, shelf, _, _, limits = unpack(keyed)
local after, most = ARGV[1], tonumber(ARGV[2])
local ENOUGH, MOST_READ = 1001, 2000

-- Compares bytes: the operator goes by the language of the server.
local function isFirst(one, other)
  for i = 1, math.min(#one, #other) do
    if string.byte(one, i) ~= string.byte(other, i) then
      return string.byte(one, i) < string.byte(other, i)
    end
  end
  return #one < #other
end

local function nextKey(key)
  local first
  for _, set in ipairs({admitted, shelf, limited}) do
    local from = key == '' and '-' or '[' .. key .. '\1'
    local met = redis.call('ZRANGE', set, from, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
    met = met and string.match(met, '^%Z*')
    first = met and (not first or isFirst(met, first)) and met or first
  end
  return first
end

local function heldOf(key)
  local seats = redis.call('ZRANGE', admitted, '[' .. key .. '\0', '(' .. key .. '\1', 'BYLEX', 'LIMIT', 0, ENOUGH)
  local ids, number = {}, 0
  for i, seat in ipairs(seats) do
    ids[i] = idOf(string.sub(seat, #key + 2))
  end
  loadAll(ids)
  for _, id in ipairs(ids) do
    local job = load(id)
    number = number + (job and isHeld(job) and 1 or 0)
  end
  return #seats, number
end

local function dueOnShelf(key)
  local due, notDue = key .. '\0' .. DUE_NOW, key .. '\0' .. NOT_DUE
  return redis.call('ZLEXCOUNT', shelf, '[' .. due, '(' .. notDue)
    + redis.call('ZLEXCOUNT', shelf, '[' .. notDue, '(' .. notDue .. slots().digits(now + 1))
end

local answer, number, seen = {}, 0, 0
local key = nextKey(after)
while key and number < most and seen < MOST_READ do
  local limit, own = slots().limitsOf(key), redis.call('HGET', limits, key)
  local admittedOfKey, held = heldOf(key)
  for _, each in ipairs({key, own or '', admittedOfKey, held, dueOnShelf(key), slots().nextStart(limit, 0)}) do
    answer[#answer + 1] = each
  end
  number, seen, after = number + 1, seen + admittedOfKey, key
  key = nextKey(key)
end
local everyKey, queueSlots = unpack(redis.call('HMGET', limits, '', '\0'))
return {key and after or '', everyKey or '', queueSlots or '', answer}
