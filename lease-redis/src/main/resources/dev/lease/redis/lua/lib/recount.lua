-- Counts anew which jobs of the parts of graphs have ended, since a foreign write, or the loss of a row, may have left a
-- part waiting for a job that is gone [Q74].
-- USES: graphs

-- The most members of "members" that a script looks at.
local MOST_COUNTED = 500

-- What is known of the part that is being counted: how many of its jobs are there and DONE, FAILED and CANCELLED, how
-- many are gone, and how many there are in all; and how many the part had of each state when that began. If the latter
-- are others at the end, jobs have ended meanwhile, and nothing is known.
local function parsedTally(text, of)
  local tally, numbers = {of = of}, {}
  for each in string.gmatch(text, '%d+') do
    numbers[#numbers + 1] = tonumber(each)
  end
  tally.done, tally.failed, tally.cancelled, tally.gone, tally.all, tally.wereDone, tally.wereFailed, tally.wereCancelled =
    unpack(numbers)
  return tally
end

local function textOf(tally)
  return table.concat({
    tally.done, tally.failed, tally.cancelled, tally.gone, tally.all, tally.wereDone, tally.wereFailed, tally.wereCancelled,
  }, ' ')
end

-- The part of a tally, which is of a graph, a zero byte, JOB and the number of the part; if its graph has not ended.
local function partOf(tally)
  local id, number = string.sub(tally.of, 1, -7), string.sub(tally.of, -4)
  local kind = id .. '\0' .. NAME
  local name = graphs().between(kind, number, number .. '\255', 1)[1]
  local graph = name and graphs().graph(id)
  return graph and graph.unended > 0 and graphs().part(id, string.sub(name, #kind + 5)) or nil
end

-- How many of the jobs that are gone had ended in a state, as far as the part knows.
local function withGone(tally, known, counted)
  local more = math.min(math.max(known - counted, 0), tally.gone)
  tally.gone = tally.gone - more
  return counted + more
end

local function correct(tally)
  local part = tally.part
  if not part or tally.all ~= part.jobs or tally.wereDone ~= part.done or tally.wereFailed ~= part.failed
      or tally.wereCancelled ~= part.cancelled then
    return
  end
  local ofPart = {[DONE] = withGone(tally, part.done, tally.done) - part.done,
    [FAILED] = withGone(tally, part.failed, tally.failed) - part.failed}
  ofPart[CANCELLED] = tally.cancelled + tally.gone - part.cancelled
  if ofPart[DONE] ~= 0 or ofPart[FAILED] ~= 0 or ofPart[CANCELLED] ~= 0 then
    local name = part.graph .. '\0' .. part.name
    ends[name] = ofPart
    ends[#ends + 1] = name
  end
end

local function begin(of)
  local tally = parsedTally('0 0 0 0 0 0 0 0', of)
  tally.part = partOf(tally)
  if tally.part then
    tally.wereDone, tally.wereFailed, tally.wereCancelled = tally.part.done, tally.part.failed, tally.part.cancelled
  end
  return tally
end

local function add(tally, id)
  local job, part = load(id), tally.part
  tally.all = tally.all + 1
  if unreadable[id] or not part then
    return
  elseif not job or job[GRAPH] ~= part.graph or job[PART] ~= part.name then
    tally.gone = tally.gone + 1
  elseif job[STATE] == DONE then
    tally.done = tally.done + 1
  elseif job[STATE] == FAILED then
    tally.failed = tally.failed + 1
  elseif job[STATE] == CANCELLED then
    tally.cancelled = tally.cancelled + 1
  end
end

-- Looks at the members behind one. Returns where it stopped, and the tally of the part there.
local function recount(after, text)
  local found = redis.call('ZRANGE', graphed[2], '(' .. after, '+', 'BYLEX', 'LIMIT', 0, MOST_COUNTED)
  local ids, idAt, ofAt, tally = {}, {}, {}, nil
  if text ~= '' then
    tally = parsedTally(text, string.sub(after, 1, #string.match(after, '^%Z+') + 6))
    tally.part = partOf(tally)
  end
  for i, each in ipairs(found) do
    local prefix = string.match(each, '^%Z+%z' .. JOB)
    if prefix then
      idAt[i], ofAt[i] = string.sub(each, #prefix + 9), string.sub(each, 1, #prefix + 4)
      ids[#ids + 1] = idAt[i]
    end
  end
  loadAll(ids)
  for i = 1, #found do
    if tally and tally.of ~= ofAt[i] then
      correct(tally)
      tally = nil
    end
    if ofAt[i] then
      tally = tally or begin(ofAt[i])
      add(tally, idAt[i])
    end
  end
  if #found < MOST_COUNTED then
    if tally then
      correct(tally)
    end
    return '', ''
  end
  return found[#found], tally and textOf(tally) or ''
end
