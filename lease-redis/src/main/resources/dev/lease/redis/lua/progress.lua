-- Replaces the progress of a held job [Q24, Q25].
-- USES: jobs
-- KEYS: progress
-- ARGV: id, token, progress.
-- Answer: 1, or 0 if the lease is lost.
-- Bound: one job.
if not isHeldBy(load(ARGV[1]), tonumber(ARGV[2])) then
  return {0}
end
redis.call('HSET', progress, ARGV[1], ARGV[3])
return {1}
