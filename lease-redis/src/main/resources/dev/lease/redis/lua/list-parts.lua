-- Lists parts of a graph, in the order in which they were stored.
-- USES: graphs
-- ARGV: the graph; the part behind which to begin, or ''; the most parts.
-- Answer: the last part if there may be more, else ''; then for each its name, its stage, as in lib/graphs.lua, its jobs,
--         how many of these are DONE, FAILED and CANCELLED, and what it comes after: for each of these parts the policy
--         and the name.
-- Bound: the parts given, of which the caller gives 1,000 at most, with what they come after.
local id, after, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local last = after ~= '' and graphs().part(id, after)
local kind = id .. '\0' .. NAME
local from = graphs().number(last and last.number + 1 or 0)
local found, names = graphs().between(kind, from, '\255\255\255\255\255', most + 1), {}
for i = 1, math.min(#found, most) do
  names[i] = string.sub(found[i], #kind + 5)
end
graphs().read(id, names)
local answer = {#found > most and names[most] or ''}
for _, name in ipairs(names) do
  local part, parents = graphs().part(id, name), {}
  for _, parent in ipairs(graphs().parents(id, name)) do
    parents[#parents + 1], parents[#parents + 2] = parent[1], parent[2]
  end
  if part then
    answer[#answer + 1] = {name, part.stage, part.jobs, part.done, part.failed, part.cancelled, parents}
  end
end
return answer
