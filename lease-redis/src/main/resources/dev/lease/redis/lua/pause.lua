-- Pauses a queue [Q21].
-- KEYS: meta
redis.call('HDEL', meta, '') -- as evenIfFull in lib/jobs.lua
redis.call('HSET', meta, 'paused', 1)
return {1}
