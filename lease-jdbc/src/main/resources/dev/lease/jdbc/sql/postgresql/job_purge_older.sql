-- Removes jobs that finished long enough ago. Of those whose dedup keys are still
-- taken, the ids and the keys stay. It looks for the jobs of each outcome, since the index has these apart.
-- queue, age (microseconds), limit
with found as materialized (
  select job.*
  from unnest(array[{DONE}, {FAILED}, {CANCELLED}]) as state(outcome)
  cross join lateral (
    select id, dedup_until > {asof} as taken
    from lease_job
    where queue = :queue and outcome = state.outcome and finished_at <= {asof} - :age and {not_needed}
    order by finished_at
    limit :limit
    for update skip locked) job
  limit :limit
), emptied as (
  update lease_job
  set outcome = null, kept_until = dedup_until, payload = '', headers = '', result = null, error = null,
      progress_percent = null, progress_message = null
  where queue = :queue and id = any(array(select id from found where taken))
  returning id, token
), removed as (
  delete from lease_job
  where queue = :queue and id = any(array(select id from found where taken is not true))
  returning id, token
)
select id, token, null as remembered_until from emptied
union all
select id, token, null as remembered_until from removed
