-- Ends a pause [Q21].
-- KEYS: meta work
redis.call('HDEL', meta, 'paused')
redis.call('PUBLISH', work, '')
return {1}
