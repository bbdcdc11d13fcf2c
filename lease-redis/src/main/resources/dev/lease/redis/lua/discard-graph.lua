-- Removes jobs of a graph that is not complete, and the graph with the last of them [Q72].
-- USES: sweep
-- ARGV: the graph; the most jobs.
-- Answer: how many jobs it removed; 1 if there may be more to remove, else 0.
-- Bound: 1,000 jobs, edges and parts.
evenIfFull(waits)
local graph = graphs().graph(ARGV[1])
if not graph or graph.complete == 1 then
  return {0, 0}
end
local removed, isLeft = discard(graph, tonumber(ARGV[2]))
return {removed, isLeft and 1 or 0}
