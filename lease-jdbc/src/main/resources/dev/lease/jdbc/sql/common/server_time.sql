-- The server's time (microseconds).
select {now} as as_of
