-- The pace of a lane whose service refuses requests for being too many (429), learned and kept by every process on this ledger: about pace, never about money.

-- `gap_us`: microseconds between two purchases, 0 where none has to be kept; `turn_at`: when the next one may be sent. `since`, `taken`: so many were taken
-- since then; `strikes`: refusals in a row; `good`: taken since the last refusal. Times are milliseconds since 1970.
alter table pace add column gap_us integer not null default 0;
alter table pace add column turn_at integer not null default 0;
alter table pace add column since integer not null default 0;
alter table pace add column taken integer not null default 0;
alter table pace add column strikes integer not null default 0;
alter table pace add column good integer not null default 0;
