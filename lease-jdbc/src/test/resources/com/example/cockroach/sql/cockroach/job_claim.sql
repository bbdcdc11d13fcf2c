-- By key: rows have no place (ctid) that a statement could name.
with picked as materialized (
  select id, expired, total <= :maxBytes or given = 1 and total = bytes and :first as fits
  from (
    select job.*, sum(bytes) over walked as total, sum(gives) over walked as given
    from (
      select job.*
      from unnest(:priority, :due, :seq, :toDue, :toSeq) as part(priority, due_at, seq, to_due, to_seq)
      cross join lateral (
        select id, expires_at <> 0 as expired, case when {spent} then 0 else 1 end as gives,
          case when {spent} then 0 else octet_length(payload) end as bytes
        from lease_job
        where queue = :queue and priority = part.priority and finished_at is null
          and due_at <= {asof} and (due_at, seq) >= (part.due_at, part.seq)
          and (due_at, seq) < (part.to_due, part.to_seq)
          and expires_at <= {asof}
          and not exists (select 1 from lease_paused_queue where queue = :queue)
        order by due_at, seq
        limit {limit}
        for no key update skip locked) job
      limit :limit) job
    window walked as (rows unbounded preceding)) walk
), met as (
  update lease_job
  set attempts = case when {spent} then attempts else attempts + 1 end,
      token = case when {spent} then token
        else greatest(token + 1, {now}, (select token + 1 from lease_token_floor)) end,
      owner = case when {spent} then owner else :owner end,
      expires_at = case when {spent} then 0 else {now} + :duration end,
      outcome = {spent_outcome},
      finished_at = case when {spent} then {asof} end,
      kept_until = case when {spent} then {asof} + {kept} end,
      error = {spent_error},
      cancel_requested = false
  where queue = :queue and id = any(array(select id from picked where fits))
    {fresh:and not exists (select 1 from picked where expired and fits)}
  returning {claim_columns}
) {expired:, lost as (
  insert into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
  select queue, id, token, attempts, owner, {asof}, 'lease expired'
  from lease_job
  where queue = :queue and id = any(array(select id from met)) and expires_at <> 0 and owner is not null
  on conflict do nothing
  returning job_id
), trimmed as (
  delete from lease_attempt a
  where a.queue = :queue and (a.job_id, a.token) in (
      select lost.job_id, gone.token
      from lost
      cross join lateral (
        select token
        from lease_attempt
        where queue = :queue and job_id = lost.job_id
        order by token desc
        offset 9) gone)
)}
select look.as_of, look.picked, met.*, look.expired
from (
  select {asof} as as_of, (select count(*) from picked) as picked,
    exists (select 1 from picked where expired and fits) as expired) look
left join met on true
