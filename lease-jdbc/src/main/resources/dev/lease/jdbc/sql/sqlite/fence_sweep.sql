-- Removes guards that nobody has used for a while.
-- age (microseconds), limit
delete from lease_fence
where rowid in (
  select rowid from lease_fence
  where used_on <= {now} - :age
  order by used_on
  limit :limit)
returning token
