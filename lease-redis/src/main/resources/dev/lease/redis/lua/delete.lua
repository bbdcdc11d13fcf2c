-- Deletes a job in any state, with its checkpoints [Q38], and what stays of one that was removed [Q02, Q82].
-- USES: graphs remove actions
-- KEYS: windows windowKeys work
-- ARGV: id; act, see lib/actions.lua.
-- Answer: 1 if the job was deleted, 0 if there was none, 2 if the script must run again because there are many steps.
-- Bound: one job, and 1,000 of its steps; if its row is damaged, 1,000 slots.
local id, act = unpack(ARGV)

-- Frees the slot of a job whose row does not say which key it has. It looks at the first slots; a repair finds the others.
local MOST_SLOTS = 1000

local function freeSlot()
  for _, seat in ipairs(redis.call('ZRANGE', keyed[1], 0, MOST_SLOTS - 1)) do
    local key = string.match(seat, '^%Z*')
    local place = string.sub(seat, #key + 2)
    if idOf(place) == id then
      slots().free(key, place)
    end
  end
end

local job = load(id)
if isLater(id) then
  return refuseLater(id)
end
local isKnown = job or unreadable[id] or (memoryOf({id}, span())[1] or 0) > 0
  or tonumber(redis.call('ZSCORE', windows, id) or 0) > now
freeKey(id, job and job[KEY] or redis.call('HGET', windowKeys, id) or '', 0)
redis.call('SREM', remembered, id)
redis.call('SREM', rememberedBefore, id)
redis.call('HDEL', windowKeys, id)
redis.call('ZREM', windows, id)
if isKnown then
  record(act, 1)
end
if eraseSteps({id}) == 0 then
  if job then
    job[UNTIL] = -1
    if not isFinished(job) then
      -- Until then no worker may run it.
      withdraw(id, job)
      finish(id, job, CANCELLED)
      enter(id, job)
    end
    save(id, job)
  end
  writeEnds()
  hintOpened(0)
  return {2}
end
if unreadable[id] then
  write('ZREM', broken, placeAside(id))
  for _, hash in ipairs(bodies) do
    write('HDEL', hash, id)
  end
  freeSlot()
elseif job then
  withdraw(id, job)
  if job[MEMBER] == 1 then
    graphs().lose(id, job)
  end
  if not isFinished(job) then
    finish(id, job, CANCELLED)
  end
end
writeEnds()
hintOpened(0)
if job or unreadable[id] then
  erase({job and member(id, job) or placeAside(id)})
  return {1}
end
return {0}
