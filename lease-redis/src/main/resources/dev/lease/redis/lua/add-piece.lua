-- Stores a piece of a graph, all of it or nothing [Q72, Q78].
-- USES: arrivals graphs
-- ARGV: the graph; how many parts and how many jobs it has in all if this is the last piece, else -1 each; how many parts
--       the piece brings, and of how many parts it brings jobs; for each of the former its name, the number of parts that
--       it comes after, and for each of these the policy, as in lib/graphs.lua, and the name; for each of the latter its
--       name and the number of jobs; then the jobs, as in lib/arrivals.lua.
-- Answer: a name of GraphAnswer.Kind; the job if it is TAKEN.
-- Bound: the piece, of which the caller gives 1,000 parts and jobs and 10,000 edges at most, and 100 jobs that are let go.
local id, lastParts, lastJobs, bringsParts, bringsJobs =
  ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local at = 5

local function nextArgument()
  at = at + 1
  return ARGV[at]
end

local graph = graphs().graph(id)
if graph and graph.complete == 1 then
  return {'COMPLETE'}
elseif graph and graph.complete ~= 0 then
  -- Some of its jobs were discarded already.
  return {'DIFFERS'}
end
local isNew = not graph
graph = graph or graphs().newGraph(id)

-- What the piece says.
local defined, groups, names = {}, {}, {''}
for i = 1, bringsParts do
  local part = {name = nextArgument(), after = {}}
  for j = 1, tonumber(nextArgument()) do
    part.after[j] = {policy = nextArgument(), name = nextArgument()}
    names[#names + 1] = part.after[j].name
  end
  defined[i], names[#names + 1] = part, part.name
end
for i = 1, bringsJobs do
  groups[i] = {name = nextArgument(), jobs = tonumber(nextArgument())}
  names[#names + 1] = groups[i].name
end
graphs().read(id, names)

-- Whether a part is stored as the piece says. The order of what it comes after does not matter.
local function isSame(part)
  local policies, stored = {}, graphs().parents(id, part.name)
  for _, parent in ipairs(stored) do
    policies[parent[2]] = parent[1]
  end
  for _, parent in ipairs(part.after) do
    if policies[parent.name] ~= parent.policy then
      return false
    end
  end
  return #stored == #part.after
end

local isKnown, newParts = {}, {}
for _, name in ipairs(names) do
  isKnown[name] = graphs().part(id, name) and true
end
for _, part in ipairs(defined) do
  if isKnown[part.name] then
    if not isSame(part) then
      return {'DIFFERS'}
    end
  else
    for _, parent in ipairs(part.after) do
      if not isKnown[parent.name] then
        return {'DIFFERS'}
      end
    end
    isKnown[part.name] = true
    newParts[#newParts + 1] = part
  end
end

-- The part of each job, and those that were LOST.
local ids, parts, lostNames = {}, {}, {}
for _, group in ipairs(groups) do
  if not isKnown[group.name] then
    return {'DIFFERS'}
  end
  for n = #ids + 1, #ids + group.jobs do
    ids[n], parts[n] = ARGV[at + 12 * n - 11], group.name
    if graph.lost > 0 then
      lostNames[n] = graphs().lostMember(id, group.name, ids[n])
    end
  end
end
local lost = #lostNames > 0 and redis.call('ZMSCORE', graphed[2], unpack(lostNames)) or {}

-- Refuses the piece if a job is taken, or if there is more or less in all.
local refusal

local function refuses(answer)
  local made = 0
  for i, there in ipairs(answer) do
    local job = there == ids[i] and load(ids[i])
    if there == '' then
      made = made + 1
    elseif not lost[i] and not (job and job[GRAPH] == id and job[PART] == parts[i]) then
      refusal = {'TAKEN', ids[i]}
      return true
    end
  end
  if lastParts >= 0 and (lastParts ~= graph.parts + #newParts or lastJobs ~= graph.jobs + made) then
    refusal = {'DIFFERS'}
  end
  return refusal ~= nil
end

local answer = {}
if #ids > 0 then
  answer = storeAll(at + 1, {id = id, parts = parts, lost = lost, waits = waits, refuses = refuses})
else
  refuses(answer)
end
if refusal then
  return refusal
end

-- Writes the parts, and what comes after what.
local added, texts = {}, {}

local function add(kind, ...)
  added[#added + 1], added[#added + 2] = 0, id .. '\0' .. kind .. table.concat({...})
end

local root = isNew and graphs().newPart(id, '', 0, 1) or graphs().part(id, '')
for _, new in ipairs(newParts) do
  graph.parts = graph.parts + 1
  local part = graphs().newPart(id, new.name, graph.parts, math.max(#new.after, 1))
  add(NAME, graphs().number(part.number), new.name)
  local text = {}
  for i, parent in ipairs(new.after) do
    text[i] = parent.policy .. parent.name .. '\0'
    add(EDGE, graphs().number(graphs().part(id, parent.name).number), graphs().number(part.number), parent.policy, new.name)
  end
  if #text > 0 then
    texts[#texts + 1], texts[#texts + 2] = id .. '\0' .. new.name .. '\0', table.concat(text)
  else
    add(EDGE, graphs().number(0), graphs().number(part.number), POLICY_CANCEL, new.name)
  end
end
local nth, number = 0, graphs().number
for _, group in ipairs(groups) do
  local part = graphs().part(id, group.name)
  local prefix, before = id .. '\0' .. JOB .. number(part.number), part.jobs
  for i = nth + 1, nth + group.jobs do
    if answer[i] == '' then
      added[#added + 1], added[#added + 2] = 0, prefix .. number(part.jobs) .. ids[i]
      part.jobs = part.jobs + 1
    end
  end
  nth, graph.jobs = nth + group.jobs, graph.jobs + part.jobs - before
  graphs().change(id .. '\0' .. part.name, part)
end
send('ZADD', graphed[2], added)
send('HSET', graphed[1], texts)
graphs().change(id, graph)
if lastParts >= 0 then
  graph.complete, root.waits = 1, 0
  redis.call('ZREM', graphed[3], id)
  graphs().touch(root)
else
  redis.call('ZADD', graphed[3], now + AN_HOUR, id)
end
graphs().resolve()
hintOpened(0)
return {'STORED'}
