-- Pauses a queue [Q21].
-- KEYS: meta
redis.call('HDEL', meta, '') -- a full memory does not refuse what follows
redis.call('HSET', meta, 'paused', 1)
return {1}
