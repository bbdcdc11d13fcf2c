-- Counts more jobs in the record of a piece. Changes no row if the piece has none in that queue.
-- piece, queue, changed (how many more)
update lease_action
set changed = changed + :changed
where piece = :piece and queue = :queue
