-- Closes a key for a time: what waits in its slots starts then at the earliest [Q95].
-- USES: slots hex
-- KEYS: meta
-- ARGV: the key; until when, as a delay or an instant; the member of "admitted", in hexadecimal digits, behind which to
--       go on, or ''.
-- Answer: the instant; where to go on, or '' if all are done.
-- Bound: 1,000 jobs.
local admitted, _, line, _, limits = unpack(keyed)
local key, untilWhen, from = ARGV[1], dueOf(ARGV[2]), fromHex(ARGV[3])
evenIfFull(line)
if from == '' then
  redis.call('HSETNX', meta, 'seq', 0) -- as in limit.lua
  local limit = slots().limitsOf(key)
  slots().writePace(key, {closed = untilWhen, even = limit.even})
end
local AT_ONCE = 1000
local seats = redis.call(
  'ZRANGE', admitted, from == '' and '[' .. key .. '\0' or '(' .. from, '(' .. key .. '\1', 'BYLEX', 'LIMIT', 0, AT_ONCE
)
local ids = {}
for i, seat in ipairs(seats) do
  ids[i] = idOf(string.sub(seat, #key + 2))
end
loadAll(ids)
for _, id in ipairs(ids) do
  local job = load(id)
  if job and job[STATE] == WAITING then
    local where = slots().standOf(id, job)
    if where ~= ON_SHELF and slots().turnOf(job) < untilWhen then
      slots().leave(id, job)
      job[TURN] = untilWhen
      slots().stand(id, job, IN_LINE)
      save(id, job)
    end
  end
end
writeAll()
if not redis.call('HGET', limits, '\0') then
  -- What may start at once is open.
  slots().touch(key)
  slots().passOn()
end
return {string.format('%.0f', untilWhen), #seats == AT_ONCE and toHex(seats[AT_ONCE]) or ''}
