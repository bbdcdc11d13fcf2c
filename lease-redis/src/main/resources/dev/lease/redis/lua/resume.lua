-- Resumes a paused queue [Q21].
-- KEYS: meta work
redis.call('HDEL', meta, 'paused')
redis.pcall('PUBLISH', work, '')
return {1}
