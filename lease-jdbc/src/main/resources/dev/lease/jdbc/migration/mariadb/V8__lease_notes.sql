-- What a holder notes beside its lease. The statement can be run again, as in V1.
alter table lease_lease add column if not exists note text check (octet_length(note) <= 8000);
