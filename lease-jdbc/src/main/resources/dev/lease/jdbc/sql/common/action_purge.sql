-- Removes the oldest records of a queue, if they are old enough.
-- queue, age (microseconds), limit
delete from lease_action
where acted_at <= {asof} - :age and seq in (
  select seq from (
    select seq
    from lease_action
    where queue = :queue
    order by seq
    limit :limit) oldest)
