-- Deletes a job in any state, with its checkpoints [Q38].
-- USES: remove
-- ARGV: id.
-- Answer: 1, or 0 if there was none.
local job = load(ARGV[1])
if not job then
  return {0}
end
remove(ARGV[1], job)
writeAll()
return {1}
