-- Removes finished jobs [Q46], and dedup keys whose time is over [Q82].
-- USES: sweep idle actions
-- KEYS: floor
-- ARGV: the most jobs; how long ago they finished at least, or -1 for jobs and dedup keys whose own time is over;
--       act, see lib/actions.lua; how many jobs of graphs that have not ended the script before passed over in each set,
--       as it answered, or ''.
-- Answer: how many jobs and dedup keys it removed; 1 if the script must run again because there are many steps, or it
--         looked at as many jobs as it may, else 0; whether the queue is in use, see lib/idle.lua; how many jobs it passed
--         over in each set.
-- Bound: 2,000 jobs and 1,000 of their steps, 1,000 dedup keys, 1,000 jobs that were put aside, and 1,000 jobs and parts
--        of graphs.
local limit, age = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The most jobs that it looks at.
local MOST_SEEN = 2000
local finished, seen = {}, 0

-- How many jobs were passed over in each set: others of their graphs have not ended [Q77].
local passed = {}
for number in string.gmatch(ARGV[4], '%d+') do
  passed[#passed + 1] = tonumber(number)
end

-- Such a job stays for an hour more in the set of those whose own time is over, so that the next purge need not pass it.
local function leave(nth, set, place)
  if set == keptUntil then
    evenIfFull(set)
    write('ZADD', set, now + AN_HOUR, place)
  else
    passed[nth] = passed[nth] + 1
  end
end

local function find(nth, set, before)
  local from = #finished
  passed[nth] = passed[nth] or 0
  while #finished < limit and seen < MOST_SEEN do
    local most = math.min(limit - #finished, MOST_SEEN - seen)
    local after = #finished - from + passed[nth]
    local places = redis.call('ZRANGE', set, '-inf', before, 'BYSCORE', 'LIMIT', after, most)
    if #places == 0 then
      break
    end
    local ids = idsOf(places)
    loadAll(ids)
    for i, id in ipairs(ids) do
      local job = load(id)
      if job and isFinished(job) and job[MEMBER] == 1 and graphs().isNeeded(job) then
        leave(nth, set, places[i])
      elseif job and isFinished(job) then
        finished[#finished + 1] = id
      else
        write('ZREM', set, places[i])
        if unreadable[id] then
          putAside(id, places[i], true)
        end
      end
    end
    writeAll()
    seen = seen + #places
  end
end

-- Removes what stays for the sake of dedup keys that are taken for a time. A job that is not finished keeps its key.
local function forgetKeys(most)
  local ids = redis.call('ZRANGE', windows, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  if #ids > 0 then
    loadAll(ids)
    for i, key in ipairs(redis.call('HMGET', windowKeys, unpack(ids))) do
      if key and not hasKey(ids[i], key) then
        freeKey(ids[i], key, 0)
      end
    end
    writeAll()
    redis.call('HDEL', windowKeys, unpack(ids))
    redis.call('ZREMRANGEBYRANK', windows, 0, #ids - 1)
  end
  return #ids
end

local tookBack = takeBack(-READS, MOST_TAKEN_BACK)
local keysGone, isSweeping = 0, false
if age < 0 then
  find(1, done, now - {keepDone})
  find(2, keptUntil, now)
  keysGone = forgetKeys(limit - #finished)
else
  for nth, set in ipairs({done, kept, failed, cancelled}) do
    find(nth, set, now - age)
  end
end
local number = eraseSteps(finished)
local goesOn = number < #finished or #finished + keysGone < limit and (tookBack or seen >= MOST_SEEN)
finished = {unpack(finished, 1, number)}
local places, early, remembersFor = {}, {}, forget()
for i, id in ipairs(finished) do
  local job = load(id)
  places[i] = member(id, job)
  withdraw(id, job)
  if age < 0 and job[END] + remembersFor > now then
    early[#early + 1] = id
  end
end
writeMoves()
if #early > 0 then
  addIds(early)
end
if #finished > 0 then
  erase(places)
  record(ARGV[3], #finished)
end
local swept = 0
if age < 0 and #finished + keysGone < limit then
  swept, isSweeping = sweepGraphs(limit - #finished - keysGone)
end
local use = useOf()
if use == USED then
  askForTime()
end
if use == USED and now > tonumber(redis.call('HGET', meta, 'token') or redis.call('GET', floor) or 0) then
  -- The last token is never far behind the clock: a failover that loses grants then loses little of it [policy 2].
  redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
  redis.call('HSET', meta, 'token', string.format('%.0f', now))
end
return {#finished + keysGone + swept, (goesOn or isSweeping) and 1 or 0, use, table.concat(passed, ' ')}
