-- Removes graphs: those that nobody has completed in time [Q72], and old ones.
-- USES: graphs remove
-- KEYS: windows windowKeys

-- In the place where a graph says whether it is complete.
local IN_REMOVAL = 2

-- The most jobs, edges and parts that a script looks at.
local MOST_SWEPT = 1000

-- Removes jobs as if they had never been stored. None of them has run.
local function eraseNew(ids)
  local places = {}
  for i, id in ipairs(ids) do
    local job = load(id)
    places[i] = member(id, job)
    withdraw(id, job)
    freeKey(id, job[KEY], 0)
    write('HDEL', windowKeys, id)
    write('ZREM', windows, id)
  end
  writeMoves()
  if #ids > 0 then
    erase(places)
  end
end

-- How many of the members of "members" this script may still look at.
local sweepLeft = MOST_SWEPT

-- Looks at the jobs of a graph: removes them if it is not complete, and else forgets those that are gone. Returns how many
-- it removed, whether there may be more, and whether jobs of a complete graph are there.
local function sweepJobs(graph, most)
  local kind, isOpen = graph.id .. '\0' .. JOB, graph.complete ~= 1
  most = math.min(most, sweepLeft)
  local found = graphs().between(kind, '', '\255\255\255\255\255', most)
  local ids, there, gone = {}, {}, {}
  for i, each in ipairs(found) do
    ids[i] = string.sub(each, #kind + 9)
  end
  loadAll(ids)
  for i, id in ipairs(ids) do
    local job = load(id)
    local isThere = job and job[GRAPH] == graph.id
    if isThere then
      there[#there + 1] = id
    end
    if isOpen or not isThere then
      gone[#gone + 1] = found[i]
    end
  end
  if isOpen then
    eraseNew(there)
  end
  send('ZREM', graphed[2], gone)
  sweepLeft = sweepLeft - #found
  return isOpen and #there or 0, #found == most, not isOpen and #there > 0
end

-- Removes the edges and parts of a graph without jobs, and at last the graph. True if there may be more.
local function sweepParts(graph)
  local most = math.max(sweepLeft, 0)
  local found = redis.call(
    'ZRANGE', graphed[2], '[' .. graph.id .. '\0', '(' .. graph.id .. '\1', 'BYLEX', 'LIMIT', 0, most
  )
  local kind = graph.id .. '\0' .. NAME
  for _, each in ipairs(found) do
    if string.sub(each, 1, #kind) == kind then
      local field = graph.id .. '\0' .. string.sub(each, #kind + 5)
      write('HDEL', graphed[1], field, field .. '\0')
      write('ZREM', graphed[3], field)
    end
    write('ZREM', graphed[2], each)
  end
  if #found < most then
    write('HDEL', graphed[1], graph.id, graph.id .. '\0')
    write('ZREM', graphed[3], graph.id)
  end
  writeAll()
  sweepLeft = sweepLeft - #found
  return #found == most
end

-- Removes some jobs of a graph that is not complete, and the graph with the last of them. Returns how many jobs, and
-- whether there may be more to remove. Then it takes no piece until it is gone.
local function discard(graph, most)
  local removed, isLeft = sweepJobs(graph, most)
  isLeft = isLeft or sweepParts(graph)
  if isLeft then
    graph.complete = IN_REMOVAL
    graphs().change(graph.id, graph)
    graphs().resolve()
  end
  return removed, isLeft
end

-- Removes graphs whose time is over. Returns how many jobs, and whether there may be more to remove.
local function sweepGraphs(most)
  local removed = 0
  while sweepLeft > 0 and removed < most do
    local id = redis.call('ZRANGE', graphed[3], '(0', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
    if not id then
      return removed, false
    end
    sweepLeft = sweepLeft - 1
    local graph = graphs().graph(id)
    if not graph then
      redis.call('ZREM', graphed[3], id)
    elseif graph.complete ~= 1 then
      removed = removed + (discard(graph, most - removed))
    else
      local _, isLeft, isNeeded = sweepJobs(graph, sweepLeft)
      if isNeeded then
        -- As long as a job of it is there, the graph is known.
        evenIfFull(graphed[3])
        redis.call('ZADD', graphed[3], now + AN_HOUR, id)
      elseif not isLeft then
        sweepParts(graph)
      end
    end
  end
  return removed, sweepLeft <= 0
end
