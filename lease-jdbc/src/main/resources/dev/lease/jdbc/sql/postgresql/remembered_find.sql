-- Looks for ids that are remembered in rows with others. One row without an id says that the transaction may not see the
-- rows that others have just committed.
-- arrays: queue, id, end (a text behind all ids that begin like this one)
select asked.queue, asked.id
from unnest(:queue, :id, :end) as asked(queue, id, end_id)
cross join lateral (
  select 1
  from lease_remembered
  where queue = asked.queue and last_id >= asked.id and last_id < asked.end_id and first_id <= asked.id
    and position(asked.id in ids) > 0
  limit 1) r
union all
select null, null where current_setting('transaction_isolation') <> 'read committed'
