-- Claims jobs that are due and not held, the most urgent first. Of those that it meets, finishes the ones that are
-- spent: they have crashed too often, or their cancellation was requested, or their deadline has passed. Returns the
-- time at which it looked and how many jobs it picked, with each job that it claimed or finished. These are fewer than
-- it picked if the payloads are too large together.
-- There are two forms. With {fresh} it claims nothing if there are jobs among them whose leases have expired, or spent
-- ones with keys, and says so. With {expired} it claims these too, and stores a failed attempt of each one that it
-- takes; the last ten of each job stay. Most claims meet none, and so they need not open that table.
-- It walks along the index once for each range of a priority, and stops at what is not due. It skips rows that others
-- have locked.
-- The places of the rows are collected before anything is updated: otherwise the planner may run the subquery again
-- for each row and exceed the limit. {limit} is a literal of a few sizes, so that the plan does not assume a tenth of
-- the table; the exact limit stops the walk. Rows are updated by their place (ctid), which is the cheapest way. A
-- place names one row in each partition, and only one of these is of the queue; that condition must not look like an
-- index key.
-- A row that was updated after the statement's snapshot is missed, and left out as if it were too large.
-- queue, owner, limit, maxBytes, first (whether the first job is claimed whatever its size), duration, keep
-- (microseconds); arrays: priority, due, seq, toDue, toSeq: the ranges, in the order of claims, without their ends
with picked as materialized (
  select place, expired, total <= :maxBytes or given = 1 and total = bytes and :first as fits
  from (
    select job.*, sum(bytes) over walked as total, count(*) filter (where spent is not true) over walked as given
    from (
      select job.*
      from unnest(:priority, :due, :seq, :toDue, :toSeq) as part(priority, due_at, seq, to_due, to_seq)
      cross join lateral (
        select ctid as place, expires_at <> 0 or {has_ending} and {spent} as expired,
          {spent} as spent, case when {spent} then 0 else octet_length(payload) end as bytes
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
  where ctid = any(array(select place from picked where fits)) and queue || '' = :queue
    {fresh:and not exists (select 1 from picked where expired and fits)}
  returning {claim_columns}
) {expired:, lost as (
  insert into lease_attempt (queue, job_id, token, attempt, owner, failed_at, error)
  select queue, id, coalesce(token, 0), attempts, owner, {asof}, 'lease expired'
  from lease_job
  where queue = :queue and id = any(array(select id from met)) and expires_at <> 0 and owner is not null
  on conflict do nothing
  returning job_id
), trimmed as (
  delete from lease_attempt a
  where a.ctid = any(array(
      select gone.place
      from lost
      cross join lateral (
        select ctid as place
        from lease_attempt
        where queue = :queue and job_id = lost.job_id
        order by token desc
        offset 9) gone))
    and a.queue = :queue and a.job_id in (select job_id from lost)
)}
select look.as_of, look.picked, met.*, look.expired
from (
  select {asof} as as_of, (select count(*) from picked) as picked,
    exists (select 1 from picked where expired and fits) as expired) look
left join met on true
