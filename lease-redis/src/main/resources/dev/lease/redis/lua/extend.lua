-- Extends the leases of held jobs [Q22, Q23].
-- USES: jobs
-- KEYS: held
-- ARGV: lease duration, then for each lease: id, token.
-- Answer: for each lease: its expiry, or 0 if it is lost; 1 if the job's cancellation was requested, else 0.
-- Bound: the leases given; the caller gives 1,000 at most.
local expiry = now + tonumber(ARGV[1])
evenIfFull(held)
local ids, answer = {}, {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end

-- Where END is in a row.
local END_FROM, END_TO = 20, 27
local packedExpiry = packRow('<d', expiry)

local function isOurs(priority, more)
  local isSound, _, _, _, _, _, _, waitsFor, isMember = unpackedMore(more)
  return isSound and hasOnlyOurs(priority, waitsFor, isMember)
end

local function extend(
  id, token, row,
  isUnpacked, version, state, cancel, _, _, ofHold, ending, _, _, seq, priority, due, _, _, _, size, more, last
)
  if isUnpacked and version == ROW and state == HELD and ofHold == token and now < ending
      and isSoundRow(row, last, state, priority, due, ending, size) and isOurs(priority, more) then
    write('HSET', jobs, id, string.sub(row, 1, END_FROM - 1) .. packedExpiry .. string.sub(row, END_TO + 1))
    write('ZADD', held, expiry, seq .. id)
    return expiry, cancel
  end
  return 0, 0
end

local rows = redis.call('HMGET', jobs, unpack(ids))
for i, id in ipairs(ids) do
  local n = #answer
  answer[n + 1], answer[n + 2] = extend(id, tonumber(ARGV[2 * i + 1]), rows[i], unpacked(rows[i]))
end
writeAll()
return answer
