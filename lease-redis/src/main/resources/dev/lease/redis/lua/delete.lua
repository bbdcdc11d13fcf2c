-- Deletes a job in any state, with its checkpoints [Q38].
-- USES: remove
-- ARGV: id.
-- Answer: 1, or 0 if there was none.
local id = ARGV[1]
local job = load(id)
if unreadable[id] == LATER then
  return refuseLater(id)
end
redis.call('ZREM', remembered, id)
if unreadable[id] then
  write('ZREM', broken, placeAside(id))
elseif not job then
  return {0}
else
  withdraw(id, job)
  if not isTerminal(job) then
    freeKey(id, job)
  end
end
writeMoves()
erase({id})
return {1}
