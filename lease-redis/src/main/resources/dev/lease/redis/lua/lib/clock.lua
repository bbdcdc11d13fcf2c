-- The store's clock in epoch microseconds. It stands still while a script runs.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
