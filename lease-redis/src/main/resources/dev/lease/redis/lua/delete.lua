-- Deletes a job in any state, with its checkpoints [Q38].
-- USES: remove
-- ARGV: id.
-- Answer: 1, or 0 if there was none.
local id = ARGV[1]
local job = load(id)
if not job then
  return {0}
end
withdraw(id, job)
if not isTerminal(job) then
  freeKey(id, job)
end
writeMoves()
erase({id})
return {1}
