-- What a holder notes beside its lease.
alter table lease_lease add column note text check (octet_length(note) <= 8000);
