-- Finishes a job that is held. Of a job that is done and not kept only the id stays, here in its emptied row.
-- one row: queue, id, token, outcome, keep (microseconds, the store's default), forgets (1 if only the id stays of a
-- job that is not kept, else 0), result, error
update lease_job
set outcome = case when {unkept} then null else :outcome end,
    failures = failures + case when :outcome = {FAILED} then 1 else 0 end,
    finished_at = {asof}, kept_until = {asof} + case when {unkept} then {remembered} else {kept} end,
    expires_at = 0, cancel_requested = false,
    payload = case when {unkept} then '' else payload end,
    headers = case when {unkept} then '' else headers end,
    dedup_key = case when {unkept} and dedup_until is null then null else dedup_key end,
    progress_percent = case when {unkept} then null else progress_percent end,
    progress_message = case when {unkept} then null else progress_message end,
    result = case when {unkept} then null else :result end,
    error = :error
where queue = :queue and id = :id and token = :token and expires_at <> 0
returning {ending}, outcome;

-- Before it, if the store keeps no jobs that are done: finishes a job whose id stays in a row with others.
-- queue, id, token
delete from lease_job
where queue = :queue and id = :id and token = :token and expires_at <> 0
  and coalesce(keep, 0) = 0 and dedup_until is null and {no_graph}
returning {ending}, outcome
