-- The clock of the store, in microseconds since the epoch. It does not move while a script runs.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
