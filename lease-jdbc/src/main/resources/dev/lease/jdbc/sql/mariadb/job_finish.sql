-- Finishes jobs that are held. Of jobs that are done and not kept only the ids stay: in rows with others, where the last
-- statement removes the jobs, or in their emptied rows. There the dedup keys stay too, for the reason given in V1 at
-- lease_job_dedup.
-- keys: queue, id, token; then outcome, keep (microseconds, the store's default), forgets (1 if only the id stays of
-- a job that is not kept, else 0), result, error
select seq, queue, id, token, keep, dedup_key, {ending}, outcome
from lease_job {use lease_job_id}
where (queue, id, token) in ({keys}) and expires_at <> 0
for update;

update lease_job {use primary}
set outcome = case when {unkept} then null else :outcome end,
    failures = failures + case when :outcome = {FAILED} then 1 else 0 end,
    finished_at = {asof}, kept_until = {asof} + case when {unkept} then {remembered} else {kept} end,
    expires_at = 0, cancel_requested = false,
    payload = case when {unkept} then '' else payload end,
    headers = case when {unkept} then '' else headers end,
    progress_percent = case when {unkept} then null else progress_percent end,
    progress_message = case when {unkept} then null else progress_message end,
    result = case when {unkept} then null else :result end,
    error = :error
where seq in ({found});

-- For a caller that skips rows that others have locked: the jobs that are held, locked or not ...
select seq, queue, id, token, {ending}, outcome
from lease_job {use lease_job_id}
where (queue, id, token) in ({keys}) and expires_at <> 0;

-- ... and of them those that are not locked. By primary key, for the reason given in job_extend.sql.
select seq, queue, id, token, cancel_requested, {asof} as as_of
from lease_job {use primary}
where seq in ({found}) and expires_at <> 0
for update skip locked;

-- If the store keeps no jobs that are done: removes those whose ids stay in rows with others.
delete lease_job
from lease_job {use primary}
where seq in ({found})
