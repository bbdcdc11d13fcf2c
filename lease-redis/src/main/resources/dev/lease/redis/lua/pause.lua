-- Pauses a queue [Q21].
-- KEYS: meta
redis.call('HSET', meta, 'paused', 1)
return {1}
