-- Slots and pace of lanes, shared by every process on this ledger; explained in the SQLite twin.

create table lease(
  account text not null,
  model text not null,
  owner text not null,
  held bigint not null check (held >= 0),
  wants bigint not null check (wants >= 0),
  until bigint not null,
  primary key (account, model, owner)
);

create table pace(
  account text not null,
  model text not null,
  open_at bigint not null,
  primary key (account, model)
);
