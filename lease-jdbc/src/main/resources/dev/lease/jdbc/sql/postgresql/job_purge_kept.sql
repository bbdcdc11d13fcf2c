-- Removes finished jobs that have been kept long enough, and remembered ids. Of those that finished too short ago, the
-- ids stay: one of version 7 goes into a row with others (remembered_until), and another one stays in the job's emptied
-- row. So do the id and the key of a job whose dedup key is still taken.
-- queue, limit
with found as materialized (
  select id, {leaves_id} as remembered_until, {id_kept_until} > {asof} as stays
  from lease_job
  where queue = :queue and kept_until <= {asof} and {not_needed}
  order by kept_until
  limit :limit
  for update skip locked
), emptied as (
  update lease_job
  set kept_until = {id_kept_until}, outcome = null, payload = '', headers = '', result = null, error = null,
      progress_percent = null, progress_message = null
  where queue = :queue and id = any(array(select id from found where stays and remembered_until is null))
  returning id, token
), removed as (
  delete from lease_job
  where queue = :queue and id = any(array(select id from found where not stays or remembered_until is not null))
  returning id, token
)
select id, token, null as remembered_until from emptied
union all
select id, token, remembered_until from removed join found using (id)
