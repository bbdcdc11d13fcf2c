-- Ends a pause [Q21].
redis.call('HDEL', meta, 'paused')
wake()
return {1}
