-- USES: moves
-- KEYS: bodies results progress steps stepNames

-- Removes what there is of some jobs, but for their places and keys.
local function erase(ids)
  for i, names in ipairs(redis.call('HMGET', stepNames, unpack(ids))) do
    for name in string.gmatch(names or '', '%Z+') do
      redis.call('HDEL', steps, ids[i] .. '\0' .. name)
    end
  end
  for _, hash in ipairs({bodies, errors, results, progress, stepNames, jobs}) do
    redis.call('HDEL', hash, unpack(ids))
  end
end
