-- The steps of jobs. The hash "steps" has the value of a step under the job and the step's name, and the number of
-- steps of a job under the job. The hash "stepNames" has, under the job and the step's number, the name of the step, a
-- zero byte, and when its value was kept.
-- KEYS: steps stepNames

-- The most steps that are read or removed together.
local MOST_STEPS = 1000

local function fieldsOf(id, endings)
  local fields = {}
  for i, ending in ipairs(endings) do
    fields[i] = id .. '\0' .. ending
  end
  return fields
end

local function numbered(id, first, last)
  local numbers = {}
  for number = first, last do
    numbers[#numbers + 1] = number
  end
  return fieldsOf(id, numbers)
end

local function entriesOf(id, first, last)
  return redis.call('HMGET', stepNames, unpack(numbered(id, first, last)))
end

local function namesIn(entries)
  local names = {}
  for i, entry in ipairs(entries) do
    names[i] = string.match(entry, '^%Z*')
  end
  return names
end

-- Calls "add" with the name and value of each step of a job, the first first, and with when it was kept.
local function eachStep(id, add)
  local count = tonumber(redis.call('HGET', steps, id) or 0)
  for first = 1, count, MOST_STEPS do
    local entries = entriesOf(id, first, math.min(first + MOST_STEPS - 1, count))
    local names = namesIn(entries)
    local values = redis.call('HMGET', steps, unpack(fieldsOf(id, names)))
    for i, name in ipairs(names) do
      add(name, values[i], string.sub(entries[i], #name + 2))
    end
  end
end
