-- USES: moves
-- KEYS: bodies results progress steps stepNames remembered

-- Removes what there is of some jobs, but for their places and keys.
local function erase(ids)
  for i, names in ipairs(redis.call('HMGET', stepNames, unpack(ids))) do
    for name in string.gmatch(names or '', '%Z+') do
      redis.call('HDEL', steps, ids[i] .. '\0' .. name)
    end
  end
  for _, hash in ipairs({errors, results, progress, stepNames}) do
    if redis.call('EXISTS', hash) == 1 then
      redis.call('HDEL', hash, unpack(ids))
    end
  end
  redis.call('HDEL', bodies, unpack(ids))
  redis.call('HDEL', jobs, unpack(ids))
end

-- Ids outlast their jobs for a while, since who enqueues one again means the same job [Q02]. This takes until when and
-- which, in turn; what is over goes, as much at a time as asked for.
local function remember(untils, mostOver)
  send('ZADD', remembered, untils)
  local over = redis.call('ZRANGE', remembered, '-inf', now, 'BYSCORE', 'LIMIT', 0, mostOver)
  if #over > 0 then
    redis.call('ZREMRANGEBYRANK', remembered, 0, #over - 1)
  end
end
