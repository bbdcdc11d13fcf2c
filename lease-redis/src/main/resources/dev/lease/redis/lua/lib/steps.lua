-- Steps of jobs: "steps" has the value of each, under its job and its name, and how many a job has, under the job;
-- "stepNames" has the name of each, under its job and its number. Of the first layout it has all names of a job in one
-- text, under the job; they come before those with a number.
-- KEYS: steps stepNames

-- How many are looked at together.
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
