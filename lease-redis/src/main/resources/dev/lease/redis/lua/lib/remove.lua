-- Removes jobs.
-- USES: moves steps ids bodies
-- KEYS: results progress

-- Removes steps of jobs, the last ones of each job first, up to the limit of a script. Returns how many jobs, counted
-- from the first, have no steps left. The others need another script.
local function eraseSteps(ids)
  if #ids == 0 or redis.call('EXISTS', steps) == 0 then
    return #ids
  end
  local counts, left, erased = redis.call('HMGET', steps, unpack(ids)), MOST_STEPS, 0
  for i, id in ipairs(ids) do
    local count = tonumber(counts[i] or 0)
    local stay = math.max(count - left, 0)
    if stay < count then
      redis.call('HDEL', steps, unpack(fieldsOf(id, namesIn(entriesOf(id, stay + 1, count)))))
      redis.call('HDEL', stepNames, unpack(numbered(id, stay + 1, count)))
      redis.call('HINCRBY', steps, id, stay - count)
      left = left - (count - stay)
    end
    if stay > 0 then
      break
    end
    erased = i
  end
  if erased > 0 then
    redis.call('HDEL', steps, unpack(ids, 1, erased))
  end
  return erased
end

-- Removes bodies of jobs by their places in sorted sets, with one command for those that lie together.
local function eraseBodies(places, ids)
  if redis.call('EXISTS', unpack(bodies)) == 0 then
    return
  end
  local first, hash = 1, hashOf(places[1])
  for i = 2, #places + 1 do
    local nextHash = places[i] and hashOf(places[i])
    if nextHash ~= hash then
      redis.call('HDEL', hash, unpack(ids, first, i - 1))
      first, hash = i, nextHash
    end
  end
end

-- Removes all else of some jobs, except their places in sorted sets, by which they are given, and their dedup keys.
local function erase(places)
  local ids = idsOf(places)
  if redis.call('EXISTS', errors, failures, results, progress) > 0 then
    for _, hash in ipairs({errors, failures, results, progress}) do
      redis.call('HDEL', hash, unpack(ids))
    end
  end
  eraseBodies(places, ids)
  redis.call('HDEL', jobs, unpack(ids))
end
