-- Lists the jobs of a part, or of the parts before that of a job [Q77].
-- USES: graphs read
-- ARGV: 'part', the graph and the part, or 'parents', '' and the job; the number of the part among these, from 0 on, and of
--       the job in it with which to begin; the most jobs.
-- Answer: the clock; the numbers of the part and of the job with which the next page begins, or -1 each; how many jobs it
--         looked at; then the jobs.
-- Bound: the most jobs; the caller gives 1,000 at most.
local what, id, name, nth, from, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- The policies and names of the parts.
local function sources()
  if what == 'part' then
    return {{'', name}}
  end
  local job = load(name)
  if not job or job[MEMBER] == 0 then
    return {}
  end
  id = job[GRAPH]
  return graphs().parents(id, job[PART])
end

local answer, seen = {now, -1, -1, 0}, 0
for i, source in ipairs(sources()) do
  local part = i > nth and graphs().part(id, source[2])
  if part then
    if seen == most then
      answer[2], answer[3] = i - 1, 0
      break
    end
    local kind, first = id .. '\0' .. JOB, i == nth + 1 and from or 0
    local found, ids = graphs().between(
      kind, graphs().number(part.number) .. graphs().number(first), graphs().number(part.number + 1), most - seen
    ), {}
    for j, each in ipairs(found) do
      ids[j] = string.sub(each, #kind + 9)
    end
    loadAll(ids)
    for _, member in ipairs(ids) do
      local job = load(member)
      if job and job[GRAPH] == id and job[PART] == source[2] and (source[1] ~= POLICY_IGNORE or job[STATE] == DONE) then
        answer[#answer + 1] = read(member, job)
      end
    end
    seen = seen + #found
    if seen == most then
      answer[2], answer[3] = i - 1, struct.unpack('>I4', found[#found], #kind + 5) + 1
      break
    end
  end
end
answer[4] = seen
return answer
