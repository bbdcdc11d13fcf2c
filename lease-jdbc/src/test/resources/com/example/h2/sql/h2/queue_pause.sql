-- Not with "merge", which counts a row that it only finds: a second pause would be recorded.
insert into lease_paused_queue (queue)
select cast(:queue as varchar)
where not exists (select 1 from lease_paused_queue where queue = :queue)
