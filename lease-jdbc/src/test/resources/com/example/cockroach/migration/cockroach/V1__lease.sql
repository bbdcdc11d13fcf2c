-- The tests have let PostgreSQL's own scripts make the tables: see RelativeFixture.
select 1;
