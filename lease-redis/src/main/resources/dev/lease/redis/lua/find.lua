-- Reads a job [Q48].
-- USES: read
-- ARGV: id.
-- Answer: the clock, then the job, if there is one.
local job = load(ARGV[1])
return {now, job and read(ARGV[1], job) or nil}
