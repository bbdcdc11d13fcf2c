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

-- Once so many bytes of values are read, the other steps are left to another script.
local MOST_BYTES_OF_STEPS = 4194304

-- Calls "add" with the name and value of steps of a job, the first first, and with when each was kept; those before are
-- "passed" already. 1 if there are more, else 0.
local function eachStep(id, passed, add)
  local count = tonumber(redis.call('HGET', steps, id) or 0)
  local last, bytes = math.min(passed + MOST_STEPS, count), 0
  if last > passed then
    local entries = entriesOf(id, passed + 1, last)
    for i, name in ipairs(namesIn(entries)) do
      local value = redis.call('HGET', steps, id .. '\0' .. name)
      add(name, value, string.sub(entries[i], #name + 2))
      bytes = bytes + #(value or '')
      if bytes >= MOST_BYTES_OF_STEPS then
        return passed + i < count and 1 or 0
      end
    end
  end
  return last < count and 1 or 0
end
