select {nwo} as as_of
