-- Removes finished jobs [Q46].
-- USES: remove
-- ARGV: most jobs, then how long ago they finished at least; -1 for those whose time to be kept has run out.
-- Answer: how many it removed.
local limit, age = tonumber(ARGV[1]), tonumber(ARGV[2])
local removed = 0
local function purge(set, before)
  for _, place in ipairs(redis.call('ZRANGE', set, '-inf', before, 'BYSCORE', 'LIMIT', 0, limit - removed)) do
    local id = idOf(place)
    local job = load(id)
    if job and isTerminal(job) then
      remove(id, job)
      removed = removed + 1
    else
      redis.call('ZREM', set, place)
    end
  end
end

if age < 0 then
  purge(keptUntil, now)
else
  for _, set in ipairs({done, kept, failed, cancelled}) do
    purge(set, now - age)
  end
end
writeAll()
return {removed}
