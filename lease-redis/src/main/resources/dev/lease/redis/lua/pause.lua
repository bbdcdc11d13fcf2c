-- Pauses a queue [Q21].
redis.call('HSET', meta, 'paused', 1)
return {1}
