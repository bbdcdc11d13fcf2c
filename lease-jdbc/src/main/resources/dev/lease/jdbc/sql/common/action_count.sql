-- Counts one job more in the record of a piece. Changes no row if the piece has none in that queue.
-- piece, queue
update lease_action
set changed = changed + 1
where piece = :piece and queue = :queue
