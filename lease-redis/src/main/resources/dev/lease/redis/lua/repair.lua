-- Repairs a part of a queue: what a script that broke off, or a restore of half the keys, has left [Q44]. Each run goes
-- on where the last one stopped.
-- USES: moves keys bodies
-- ARGV: how long ago the last run must be at least.
-- Answer: 1, or 0 if the last run was not so long ago, or there is nothing.
-- Bound: a piece of each hash: about 500 jobs, 500 dedup keys, and 10 bodies or, of long ones, a MiB; and 500 jobs that
--        are counted.
local PIECE = 500
local repaired = tonumber(redis.call('HGET', meta, 'repaired') or 0)
if redis.call('EXISTS', jobs, taken, unpack(bodies)) == 0 or math.abs(now - repaired) < tonumber(ARGV[1]) then
  return {0}
end
evenIfFull(expired)
redis.call('HSET', meta, 'repaired', string.format('%.0f', now))

-- Where the last run stopped in each hash, and in which hash of bodies.
local inJobs, inKeys, inBodies, nth = unpack(
  redis.call('HMGET', meta, 'scanned', 'scannedKeys', 'scannedBodies', 'scannedHash')
)

-- The next piece of a hash: where it ends, '0' if it was the last one; fields and values.
local function piece(hash, cursor, size)
  return unpack(redis.call('HSCAN', hash, cursor or '0', 'COUNT', size))
end

-- Puts each job into its sets, because it may be missing there.
local rows, keys, texts
inJobs, rows = piece(jobs, inJobs, PIECE)
for i = 1, #rows, 2 do
  local id = rows[i]
  note(id, rows[i + 1])
  if unreadable[id] == DAMAGED then
    putAside(id, placeAside(id))
  elseif not unreadable[id] then
    enter(id, load(id))
  end
end

-- Frees dedup keys that no job has.
inKeys, keys = piece(taken, inKeys, PIECE)
for i = 1, #keys, 2 do
  if not hasKey(keys[i + 1], keys[i]) then
    write('HDEL', taken, keys[i])
  end
end

-- Removes bodies of jobs that do not exist, or whose bodies lie elsewhere. Bodies can be large, so it reads one after the
-- other, few of them.
local FEW, MOST_BYTES = 10, 1048576
nth = tonumber(nth or 0) % #bodies
if redis.call('EXISTS', unpack(bodies)) > 0 then
  local hash, bytes, looks = bodies[nth + 1], 0, 0
  repeat
    inBodies, texts = piece(hash, inBodies, 1)
    for i = 1, #texts, 2 do
      local id = texts[i]
      local job = load(id)
      if not unreadable[id] and (not job or job[BODY] or hashOf(job[SEQ]) ~= hash) then
        write('HDEL', hash, id)
      end
      bytes = bytes + #texts[i + 1]
    end
    looks = looks + 1
  until bytes >= MOST_BYTES or looks >= FEW or inBodies == '0'
  if inBodies == '0' then
    nth = nth + 1
  end
end
-- Before the writes, which may break off: the next run goes on behind this piece. The loops above must not fail.
redis.call(
  'HSET', meta, 'scanned', inJobs, 'scannedKeys', inKeys, 'scannedBodies', inBodies or '0', 'scannedHash', nth
)
writeAll()

-- Counts the jobs that are to run again, if few enough wait.
local waitingNow = 0
for _, set in ipairs(waiting) do
  waitingNow = waitingNow + redis.call('ZCARD', set)
end
if waitingNow < PIECE then
  local counted, isCounted = 0, {}
  for _, set in ipairs(waiting) do
    local ids = idsOf(redis.call('ZRANGE', set, 0, -1))
    loadAll(ids)
    for _, id in ipairs(ids) do
      local job = load(id)
      if job and job[STATE] == WAITING and job[ATTEMPTS] > 0 and not isCounted[id] then
        isCounted[id] = true
        counted = counted + 1
      end
    end
  end
  if counted ~= tonumber(redis.call('HGET', meta, 'retries') or 0) then
    redis.call('HSET', meta, 'retries', counted)
  end
end
return {1}
