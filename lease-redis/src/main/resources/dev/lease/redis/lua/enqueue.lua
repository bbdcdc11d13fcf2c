-- Stores jobs that are not there yet [Q01-Q07].
-- USES: keys ids
-- KEYS: bodies meta waiting work
-- ARGV: for each job: id, type, priority, due ("+" and a delay, or an instant), most attempts, dedup key or '',
--       time to keep or -1, body.
-- Answer: for each job, 1 and its id if it was made, else 0 and the id of the one that was there.
local answer = {}
local lastSeq, lastHint = unpack(redis.call('HMGET', meta, 'seq', 'hinted'))
local seq = tonumber(lastSeq or 0)
local takenNow = {}
local hasWork = false
local ids = {}
for i = 1, #ARGV, 8 do
  ids[#ids + 1] = ARGV[i]
end
loadAll(ids)
local memory = memoryOf(ids)
for i = 1, #ARGV, 8 do
  local id, key = ARGV[i], ARGV[i + 5]
  local there = (load(id) or unreadable[id] or (memory[(i + 7) / 8] or 0) > 0) and id
  if not there and key ~= '' then
    there = takenNow[key] or ownerOf(key)
  end
  if there then
    answer[#answer + 1] = 0
    answer[#answer + 1] = there
  else
    seq = seq + 1
    local due = dueOf(ARGV[i + 3])
    local job = {
      true, ROW, WAITING, 0, 0, string.format('%016.0f', seq), tonumber(ARGV[i + 2]), due, 0, '', 0, tonumber(ARGV[i + 4]), ARGV[i + 1], key,
      tonumber(ARGV[i + 6]), now, '', #ARGV[i + 7],
    }
    save(id, job)
    write('HSET', bodies, id, ARGV[i + 7])
    write('ZADD', waiting[job[PRIORITY] + 1], due, member(id, job))
    if key ~= '' then
      write('HSET', taken, key, id)
      takenNow[key] = id
    end
    hasWork = hasWork or due <= now
    answer[#answer + 1] = 1
    answer[#answer + 1] = id
  end
end

-- Those who wait for work are told when there is some where there was none. Of jobs that have become due since nobody was
-- told, so they are told again after some time, by the time of those who wait.
local HINT_AGAIN = 100000
local hintTime = 0

local function isWaitedFor()
  local clock = redis.call('TIME')
  hintTime = clock[1] * 1000000 + clock[2]
  if not lastHint or math.abs(hintTime - tonumber(lastHint)) >= HINT_AGAIN then
    return true
  end
  for priority = 9, 0, -1 do
    if redis.call('ZRANGE', waiting[priority + 1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1] then
      return false
    end
  end
  return true
end

local hints = hasWork and isWaitedFor()
write('HSET', meta, 'seq', seq)
if hints then
  write('HSET', meta, 'hinted', hintTime)
end
writeAll()
if hints then
  redis.pcall('PUBLISH', work, '')
end
return answer
