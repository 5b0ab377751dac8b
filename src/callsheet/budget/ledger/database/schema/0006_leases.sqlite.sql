-- Slots of a lane (an account at a model), shared by every process on this ledger, and until when its service wants nothing more. This is about pace, never
-- about money: what is lost here buys nothing twice, and nothing that is decided on money reads it. Rows are updated and deleted.

-- `held`: jobs that an owner (one run of one process) may have at the service; `wants`: how many more it has takes for. `until`, `open_at`: milliseconds since 1970; an owner
-- that doesn't renew its row by then is dead, and its slots are free.
create table lease(
  account text not null,
  model text not null,
  owner text not null,
  held integer not null check (held >= 0),
  wants integer not null check (wants >= 0),
  until integer not null,
  primary key (account, model, owner)
) strict;

create table pace(
  account text not null,
  model text not null,
  open_at integer not null,
  primary key (account, model)
) strict;
