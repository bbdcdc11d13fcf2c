-- Reads how far a graph is.
-- USES: graphs
-- ARGV: the graph.
-- Answer: the clock; then, if there is such a graph, 1 if it is complete; its parts and jobs; how many of these are
--         DONE, FAILED and CANCELLED; when it was made.
-- Bound: one graph.
local graph = graphs().graph(ARGV[1])
if not graph then
  return {now}
end
return {
  now, graph.complete, graph.parts, graph.jobs, graph.done, graph.failed, graph.cancelled,
  string.format('%.0f', graph.created),
}
