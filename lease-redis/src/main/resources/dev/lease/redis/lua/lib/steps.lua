-- The steps of jobs. The hash "steps" has the value of a step under the job and the step's name, and the number of
-- steps of a job under the job. The hash "stepNames" has the name of a step under the job and the step's number. The
-- first layout had all names of a job in one text, under the job; these steps come before those with a number.
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

local function namesOf(id, first, last)
  return redis.call('HMGET', stepNames, unpack(numbered(id, first, last)))
end
