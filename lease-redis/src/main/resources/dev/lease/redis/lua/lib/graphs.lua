-- Lets jobs of graphs go when the parts before theirs have ended [Q72-Q80].
-- USES: moves keys
-- KEYS: graphed

-- "graphs" is a hash. Under the id of a graph it has the graph. Under the graph, a zero byte and the name of a part it
-- has the part; with a further zero byte behind that, what the part comes after: for each of these parts its policy, its
-- name and a zero byte. The part without a name is the root: it has no jobs, ends when the graph is complete, and the
-- parts that come after no other come after it.
-- "members" is a sorted set whose members all have the score 0. Each begins with a graph, a zero byte and a letter:
-- EDGE, the number of a part, and the number, the policy and the name of a part that comes after it; LOST, the name of a
-- part, a zero byte, and the id of a job that was deleted before the graph was complete; JOB, the number of a part, the
-- number of a job in it, and the id; and NAME, the number of a part, and its name.
-- "graphTimes" is a sorted set: the time at which a graph is to be removed, as it seems; and with the score 0 the graph, a
-- zero byte and the name of a part that has something left to do, or the score -1 if it takes something back. Then
-- "moving" in "meta" tells claims so.
-- "waits" has the jobs that wait for parts, by their due times.
local EDGE, LOST, JOB, NAME = 'c', 'd', 'j', 'p'
local POLICY_CANCEL, POLICY_IGNORE = 'c', 'i'

-- At the end of a graph, and of a part, are the numbers of its jobs, and of those that are DONE, FAILED and CANCELLED.
local PACKED_COUNTS, COUNTS_BYTES = '<I4I4I4I4', 16

-- A graph: 1 if it is complete; when it was made; its parts; how many of these and the root are not over; how many take
-- something back; how many of its jobs were LOST; and the numbers of its jobs.
local PACKED_GRAPH = '<BdI4I4I4I4I4I4I4I4'

-- A part: its STAGE; whether it is over, as the graph counts it; what those that come after it have been told of that, and
-- what they are being told; whether it is MARKED; the number of the last that was told; its own number; how many parts it
-- waits for, and how many of the others are to cancel it; how many of its jobs were moved as the stage says; and the numbers
-- of its jobs.
local PACKED_PART = '<BBBBBI4I4I4I4I4I4I4I4I4'

-- A part WAITS_FOR others, RUNS, or is SPOILED: its jobs were cancelled. If one before it is to run again, those jobs are
-- TAKEN_BACK, and it waits again.
local WAITS_FOR, RUNS, SPOILED, TAKEN_BACK = 0, 1, 2, 3

-- Each of the jobs of a part has ended, and if some are not DONE, in a bad way.
local NOT_OVER, OVER, OVER_BADLY = 0, 1, 2

-- Whether "graphTimes" has a part, and with which score. Those that take something back are first.
local UNMARKED, MARKED, MARKED_FIRST = 0, 1, 2
local SCORES = {[MARKED] = 0, [MARKED_FIRST] = -1}

-- How many jobs a script moves, and how many parts it tells, since it blocks the server. Claims go on with the rest.
local MOST_MOVED, MOST_MOVED_BY_CLAIM = 100, 1000

-- How long a graph waits for its next piece, and how long a job of a graph stays until a purge looks at the graph again.
local AN_HOUR = 3600000000

-- What scripts need for jobs of graphs; as in lib/slots.lua it is made when a script meets the first one.
local graphTools

local function graphs()
  if graphTools then
    return graphTools
  end
  -- How many jobs were let go that are due, how many may still be moved, and whether others go on.
  graphTools = {letGo = 0, left = MOST_MOVED, goesOn = false}
  local hash, members, times = unpack(graphed)

  local function number(n)
    return struct.pack('>I4', n)
  end

  local function between(kind, from, before, most)
    return redis.call('ZRANGE', members, '[' .. kind .. from, '(' .. kind .. before, 'BYLEX', 'LIMIT', 0, most)
  end

  -- The graphs and parts that were read, by their fields, or false; and the fields of those to write.
  local known, changed = {}, {}

  local function change(field, it)
    known[field] = it
    if not it.isChanged then
      it.isChanged = true
      changed[#changed + 1] = field
    end
  end

  local function graphOf(text, id)
    local graph = {id = id}
    graph.complete, graph.created, graph.parts, graph.unended, graph.takingBack, graph.lost, graph.jobs, graph.done,
      graph.failed, graph.cancelled = struct.unpack(PACKED_GRAPH, text)
    graph.hadEnded = graph.unended == 0
    return graph
  end

  -- Whether parts that come after one may believe that it is over, but it goes on again. Until each of them knows better,
  -- no part of the graph is let go or cancelled: what it was told may be old [Q76].
  local function isTakingBack(it)
    return it.over == NOT_OVER and (it.told ~= NOT_OVER or it.telling ~= NOT_OVER)
  end

  local function partOf(text, id, name)
    local part = {graph = id, name = name}
    part.stage, part.over, part.told, part.telling, part.marked, part.passed, part.number, part.waits, part.spoiled,
      part.moved, part.jobs, part.done, part.failed, part.cancelled = struct.unpack(PACKED_PART, text)
    part.takesBack = isTakingBack(part)
    return part
  end

  -- Reads the graph and parts of it with one command.
  local MOST_READ = 1000

  local function read(id, names)
    local missing, of = {}, {}
    if known[id] == nil then
      missing[1] = id
    end
    for _, name in ipairs(names) do
      local field = id .. '\0' .. name
      if known[field] == nil and not of[field] then
        missing[#missing + 1], of[field] = field, name
      end
    end
    for first = 1, #missing, MOST_READ do
      local last = math.min(first + MOST_READ - 1, #missing)
      for i, text in ipairs(redis.call('HMGET', hash, unpack(missing, first, last))) do
        local field = missing[first + i - 1]
        if not text then
          known[field] = false
        elseif of[field] then
          known[field] = partOf(text, id, of[field])
        else
          known[field] = graphOf(text, id)
        end
      end
    end
  end

  local function graph(id)
    read(id, {})
    return known[id]
  end

  local function part(id, name)
    read(id, {name})
    return known[id .. '\0' .. name]
  end

  local function newGraph(id)
    local made = {
      id = id, complete = 0, parts = 0, jobs = 0, unended = 0, takingBack = 0, done = 0, failed = 0, cancelled = 0, lost = 0,
      created = now,
    }
    known[id] = made
    return made
  end

  local function newPart(id, name, its, waitsFor)
    local made = {
      graph = id, name = name, stage = WAITS_FOR, over = NOT_OVER, told = NOT_OVER, telling = NOT_OVER,
      takesBack = false, marked = UNMARKED, passed = 0, number = its, waits = waitsFor, spoiled = 0, jobs = 0, moved = 0,
      done = 0, failed = 0, cancelled = 0,
    }
    known[id].unended = known[id].unended + 1
    change(id, known[id])
    change(id .. '\0' .. name, made)
    return made
  end

  -- What each of some parts comes after: its policy, and the name of that part.
  local function parents(id, name)
    local found = {}
    for policy, parent in string.gmatch(redis.call('HGET', hash, id .. '\0' .. name .. '\0') or '', '(.)(%Z+)%z') do
      found[#found + 1] = {policy, parent}
    end
    return found
  end

  local function isMoving(it)
    return it.stage == TAKEN_BACK or it.stage ~= WAITS_FOR and it.moved < it.jobs
  end

  local function overOf(it)
    if (it.stage ~= RUNS and it.stage ~= SPOILED) or it.moved < it.jobs or it.done + it.failed + it.cancelled < it.jobs then
      return NOT_OVER
    end
    return it.failed + it.cancelled > 0 and OVER_BADLY or OVER
  end

  local function isUntold(it)
    return it.told ~= it.telling or it.told ~= it.over
  end

  local function isReady(it)
    return it.stage == WAITS_FOR and it.waits == 0
  end

  local function hasToDo(it)
    return isUntold(it) or isMoving(it) or isReady(it)
  end

  -- The parts to work on, in order; and of each graph those that are ready, but have to wait for what is taken back.
  local todo, isTodo, putOff = {}, {}, {}

  local function noteTakingBack(it, its)
    it.takesBack = isTakingBack(it)
    its.takingBack = its.takingBack + (it.takesBack and 1 or -1)
    change(its.id, its)
    if its.takingBack == 0 then
      for _, other in ipairs(putOff[its.id] or {}) do
        todo[#todo + 1] = other
      end
      putOff[its.id] = nil
    end
  end

  -- Notes that something of a part has changed.
  local function touch(it)
    local over, its = overOf(it), known[it.graph]
    if (over == NOT_OVER) ~= (it.over == NOT_OVER) then
      its.unended = its.unended + (over == NOT_OVER and 1 or -1)
      change(it.graph, its)
    end
    it.over = over
    if it.takesBack ~= isTakingBack(it) then
      noteTakingBack(it, its)
    end
    change(it.graph .. '\0' .. it.name, it)
    if not isTodo[it] and hasToDo(it) then
      isTodo[it] = true
      todo[#todo + 1] = it
    end
  end

  local function enterStage(it, stage)
    it.stage, it.moved = stage, 0
  end

  -- Adds what this script has ended to the parts.
  local function addEnds()
    for _, name in ipairs(ends) do
      local ofPart = ends[name]
      local id, partName = string.match(name, '^(%Z+)%z(%Z*)$')
      local it = part(id, partName)
      if it then
        local its = known[id]
        it.done, it.failed, it.cancelled = it.done + ofPart[DONE], it.failed + ofPart[FAILED], it.cancelled + ofPart[CANCELLED]
        its.done, its.failed, its.cancelled =
          its.done + ofPart[DONE], its.failed + ofPart[FAILED], its.cancelled + ofPart[CANCELLED]
        change(id, its)
        touch(it)
      end
    end
    ends = {}
  end

  -- Tells the parts that come after one whether that is over; of very many, some at a time.
  local function tell(it)
    if it.telling == it.told then
      it.telling, it.passed = it.over, 0
    end
    local kind, most = it.graph .. '\0' .. EDGE, graphTools.left
    local edges, names = between(kind, number(it.number) .. number(it.passed + 1), number(it.number + 1), most), {}
    for i, edge in ipairs(edges) do
      names[i] = string.sub(edge, #kind + 10)
    end
    read(it.graph, names)
    for i, edge in ipairs(edges) do
      local child = known[it.graph .. '\0' .. names[i]]
      it.passed = (struct.unpack('>I4', edge, #kind + 5))
      if child then
        child.waits = child.waits + (it.telling == NOT_OVER and 1 or 0) - (it.told == NOT_OVER and 1 or 0)
        if string.sub(edge, #kind + 9, #kind + 9) == POLICY_CANCEL then
          child.spoiled = child.spoiled + (it.telling == OVER_BADLY and 1 or 0) - (it.told == OVER_BADLY and 1 or 0)
        end
        if child.stage == SPOILED and (child.waits > 0 or child.spoiled == 0) then
          enterStage(child, TAKEN_BACK)
        end
        touch(child)
      end
    end
    if #edges < most then
      it.told = it.telling
    end
    graphTools.left = graphTools.left - #edges
  end

  -- The first part that has spoiled another one [Q75].
  local function spoilerOf(it)
    for _, parent in ipairs(parents(it.graph, it.name)) do
      local before = parent[1] == POLICY_CANCEL and part(it.graph, parent[2])
      if before and before.over == OVER_BADLY then
        return parent[2]
      end
    end
    return ''
  end

  local hasKeyed = false

  local function letGo(id, job)
    withdraw(id, job)
    job[WAITS], job[DUE] = 0, math.max(now, job[DUE])
    enter(id, job, ON_SHELF)
    hasKeyed = hasKeyed or job[JOBKEY] ~= ''
    if job[DUE] <= now then
      graphTools.letGo = graphTools.letGo + 1
    end
  end

  local function cancelFor(id, job, spoiler)
    withdraw(id, job)
    write('HSET', errors, id, 'part ' .. spoiler .. ' failed')
    finish(id, job, CANCELLED)
    job[WAITS], job[MARK] = IN_VAIN, ''
    enter(id, job)
  end

  -- Whether a job could get its dedup key back; takes it if so.
  local takenBack = {}

  local function takeBackKey(id, job)
    local key = job[KEY]
    if key ~= '' and (takenBack[key] or (ownerOf(key) or id) ~= id) then
      return false
    elseif key ~= '' then
      takenBack[key] = true
      write('HSET', taken, key, id)
    end
    return true
  end

  local function waitAgain(id, job)
    countEnd(job[GRAPH], job[PART], CANCELLED, -1)
    withdraw(id, job)
    write('HDEL', errors, id)
    wait(job, job[DUE])
    job[WAITS] = FOR_PARTS
    enter(id, job)
  end

  local function moveJob(it, id, job, spoiler)
    if it.stage == RUNS and job[WAITS] == FOR_PARTS then
      letGo(id, job)
    elseif it.stage == SPOILED and job[WAITS] == FOR_PARTS then
      cancelFor(id, job, spoiler)
    elseif it.stage == TAKEN_BACK and job[WAITS] == IN_VAIN and takeBackKey(id, job) then
      waitAgain(id, job)
    else
      return
    end
    save(id, job)
  end

  -- Does to some jobs of a part what its stage says.
  local function move(it)
    if it.stage == WAITS_FOR then
      enterStage(it, it.spoiled > 0 and SPOILED or RUNS)
    end
    local kind, most = it.graph .. '\0' .. JOB, graphTools.left
    local found, ids = {}, {}
    if it.moved < it.jobs then
      found = between(kind, number(it.number) .. number(it.moved), number(it.number + 1), most)
    end
    for i, each in ipairs(found) do
      ids[i] = string.sub(each, #kind + 9)
    end
    loadAll(ids)
    local spoiler = it.stage == SPOILED and #ids > 0 and spoilerOf(it) or ''
    for _, id in ipairs(ids) do
      local job = load(id)
      if job and job[GRAPH] == it.graph and job[PART] == it.name then
        moveJob(it, id, job, spoiler)
      end
    end
    it.moved = #found < most and it.jobs or struct.unpack('>I4', found[#found], #kind + 5) + 1
    if it.stage == TAKEN_BACK and it.moved >= it.jobs then
      enterStage(it, WAITS_FOR)
    end
    graphTools.left = graphTools.left - #found
    -- What moves once more in this script has to be written before.
    writeAll()
  end

  local function work(it)
    local its = known[it.graph]
    if isUntold(it) then
      tell(it)
    elseif isReady(it) and its.takingBack > 0 then
      putOff[its.id] = putOff[its.id] or {}
      table.insert(putOff[its.id], it)
      return
    elseif hasToDo(it) then
      -- Others may have told it meanwhile that it has to wait.
      move(it)
    end
    graphTools.left = graphTools.left - 1
    addEnds()
    isTodo[it] = nil
    touch(it)
  end

  -- How long a graph is known when it has ended: a piece that is sent again finds it so [Q78].
  local keepGraph = math.max({keepFailed}, {rememberIds})

  local function saveGraph(it)
    local hasEnded = it.unended == 0
    if hasEnded and not it.hadEnded then
      redis.call('ZADD', times, now + keepGraph, it.id)
    elseif it.hadEnded and not hasEnded then
      redis.call('ZREM', times, it.id)
    end
    it.hadEnded = hasEnded
    return struct.pack(
      PACKED_GRAPH, it.complete, it.created, it.parts, it.unended, it.takingBack, it.lost, it.jobs, it.done, it.failed,
      it.cancelled
    )
  end

  local function savePart(field, it)
    local marked = it.takesBack and MARKED_FIRST or hasToDo(it) and MARKED or UNMARKED
    if marked ~= UNMARKED then
      graphTools.goesOn = true
    end
    if marked ~= it.marked then
      if marked ~= UNMARKED then
        redis.call('ZADD', times, SCORES[marked], field)
        redis.call('HSET', meta, 'moving', 1)
      else
        redis.call('ZREM', times, field)
      end
      it.marked = marked
    end
    return struct.pack(
      PACKED_PART, it.stage, it.over, it.told, it.telling, it.marked, it.passed, it.number, it.waits, it.spoiled, it.moved,
      it.jobs, it.done, it.failed, it.cancelled
    )
  end

  -- Writes the graphs and parts that have changed.
  local function saveAll()
    local values = {}
    for _, field in ipairs(changed) do
      local it = known[field]
      it.isChanged = false
      values[#values + 1] = field
      values[#values + 1] = it.id and saveGraph(it) or savePart(field, it)
    end
    changed = {}
    send('HSET', hash, values)
  end

  -- Goes on as long as there is something to do, and this script may do it.
  local function resolve()
    addEnds()
    local nth = 1
    while todo[nth] and graphTools.left > 0 do
      work(todo[nth])
      nth = nth + 1
    end
    todo, isTodo, putOff = {}, {}, {}
    saveAll()
    if hasKeyed then
      redis.call('HSET', meta, 'keyed', 1)
    end
    writeMoves()
  end

  -- Goes on with what other scripts have left.
  local MOST_MARKED = 100

  local function goOn()
    evenIfFull(waits)
    graphTools.left = MOST_MOVED_BY_CLAIM
    local marked = redis.call('ZRANGE', times, '-inf', 0, 'BYSCORE', 'LIMIT', 0, MOST_MARKED)
    for _, field in ipairs(marked) do
      local it = part(string.match(field, '^(%Z+)%z(%Z*)$'))
      if it then
        touch(it)
      else
        redis.call('ZREM', times, field)
      end
    end
    resolve()
    if #redis.call('ZRANGE', times, '-inf', 0, 'BYSCORE', 'LIMIT', 0, 1) == 0 then
      redis.call('HDEL', meta, 'moving')
    else
      graphTools.goesOn = true
    end
  end

  -- Whether a job that is to run again waits as long as its part does [Q76].
  local function isWaitingPart(job)
    local it = part(job[GRAPH], job[PART])
    return it and (it.stage == WAITS_FOR or it.stage == TAKEN_BACK)
  end

  -- Whether a job must not run again yet, since its part was cancelled and may be taken back: goes on with that first.
  local function isBeingTakenBack(job)
    local it, its = part(job[GRAPH], job[PART]), graph(job[GRAPH])
    if it and it.stage == SPOILED and its.takingBack > 0 then
      goOn()
      return its.takingBack > 0 and graphTools.goesOn
    end
    return false
  end

  -- Whether a finished job has to stay, since others of its graph have not ended [Q77].
  local function isNeeded(job)
    local its = graph(job[GRAPH])
    return its and its.unended > 0
  end

  -- Looks at a job that waits, as a repair does: its part may have moved the others without it. If the part is lost,
  -- nobody knows what the job waits for, and it is left.
  local function check(job)
    local it = part(job[GRAPH], job[PART])
    if it and (it.stage == RUNS or it.stage == SPOILED) and it.moved >= it.jobs then
      it.moved = 0
      touch(it)
    end
  end

  local function lostMember(id, name, job)
    return id .. '\0' .. LOST .. name .. '\0' .. job
  end

  -- A job was deleted. The piece that brought it may be sent again [Q78].
  local function lose(id, job)
    local its = graph(job[GRAPH])
    if its and its.complete == 0 then
      redis.call('ZADD', members, 0, lostMember(job[GRAPH], job[PART], id))
      its.lost = its.lost + 1
      change(its.id, its)
      saveAll()
    end
  end

  graphTools.number, graphTools.between, graphTools.graph, graphTools.part, graphTools.read = number, between, graph, part, read
  graphTools.newGraph, graphTools.newPart, graphTools.change, graphTools.touch = newGraph, newPart, change, touch
  graphTools.parents, graphTools.resolve, graphTools.goOn = parents, resolve, goOn
  graphTools.isWaitingPart, graphTools.isNeeded, graphTools.lose, graphTools.lostMember = isWaitingPart, isNeeded, lose, lostMember
  graphTools.check, graphTools.isBeingTakenBack = check, isBeingTakenBack
  return graphTools
end

-- The numbers at the end of a graph or part, with more jobs that have ended. Nothing if none are left, or some run again.
local function counted(text, more)
  local all, ofDone, ofFailed, ofCancelled = struct.unpack(PACKED_COUNTS, text, #text - COUNTS_BYTES + 1)
  ofDone, ofFailed, ofCancelled = ofDone + more[DONE], ofFailed + more[FAILED], ofCancelled + more[CANCELLED]
  if math.min(more[DONE], more[FAILED], more[CANCELLED]) >= 0 and ofDone + ofFailed + ofCancelled < all then
    return string.sub(text, 1, -COUNTS_BYTES - 1) .. packRow(PACKED_COUNTS, all, ofDone, ofFailed, ofCancelled)
  end
end

-- Adds what this script has ended to parts of which some jobs are left: nothing else changes, and most ends are such. The
-- others stay in "ends".
local function addSimpleEnds()
  local others = {}
  for _, name in ipairs(ends) do
    local id = string.match(name, '^%Z+')
    local graph, part = unpack(redis.call('HMGET', graphed[1], id, name))
    local newPart = part and counted(part, ends[name])
    if newPart then
      redis.call('HSET', graphed[1], id, counted(graph, ends[name]), name, newPart)
    else
      others[#others + 1], others[name] = name, ends[name]
    end
  end
  ends = others
end

-- The end of each script that ends jobs, or makes them run again.
local function writeEnds()
  writeMoves()
  if #ends > 0 and not graphTools then
    addSimpleEnds()
  end
  if #ends > 0 then
    graphs().resolve()
  end
end

-- Whether more jobs were let go than so many, or some are left to the next claim.
local function hasOpenedParts(number)
  return graphTools and (graphTools.letGo > number or graphTools.goesOn)
end

-- Tells workers if jobs can be claimed that could not before, more than were given; or if claims have to go on.
local function hintOpened(given)
  local opened = (keyTools and keyTools.opened or 0) + (graphTools and graphTools.letGo or 0)
  if opened > given or graphTools and graphTools.goesOn then
    redis.pcall('PUBLISH', work, '')
  end
end
