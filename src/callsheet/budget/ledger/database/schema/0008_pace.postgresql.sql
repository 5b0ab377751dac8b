-- The pace of a lane whose service refuses requests for being too many; explained in the SQLite twin.

alter table pace add column gap_us bigint not null default 0;
alter table pace add column turn_at bigint not null default 0;
alter table pace add column since bigint not null default 0;
alter table pace add column taken bigint not null default 0;
alter table pace add column strikes bigint not null default 0;
alter table pace add column good bigint not null default 0;
