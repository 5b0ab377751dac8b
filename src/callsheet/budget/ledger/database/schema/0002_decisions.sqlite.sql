-- What people decide and what services teach: rows that are never changed, like all facts here.

-- A person's word on a take or an attempt. `pick` locks a take to an attempt's clip (until `unpick`, another `pick` in its shot, `reject` of that attempt or
-- `retake` of its shot); `reject` is of an attempt; `retake` is of a shot: what was there before no longer counts, and the next render buys it again.
-- What was there before is told by numbers, not by clocks: `upto` is the ledger's newest attempt when a `retake` was made.
create table mark(
  mark integer primary key,
  project text not null,
  list text not null,
  shot text not null,
  take integer,
  attempt integer references attempt,
  kind text not null check (kind in ('pick', 'unpick', 'reject', 'retake')),
  upto integer not null default 0 check (upto >= 0),
  note text not null default '',
  at text not null,
  check (case kind when 'retake' then take is null and attempt is null when 'reject' then attempt is not null else take is not null end)
) strict;
create index mark_shot on mark (project, list, shot);

-- A cap's threshold that was told of, once: percent of the amount that was in force then.
create table warned(
  cap integer not null references cap,
  percent integer not null check (percent between 1 and 100),
  amount integer not null,
  at text not null,
  primary key (cap, percent, amount)
) strict, without rowid;

-- What receipts and people say of a model's price on an account: `learned` raises holds (parts per million of the list price, above 1000000),
-- `frozen` refuses new holds until `recorded` gives a newer list price (micro-USD per second).
create table price(
  price integer primary key,
  account text not null,
  model text not null,
  kind text not null check (kind in ('learned', 'frozen', 'recorded')),
  value integer not null check (value >= 0),
  origin text not null,
  at text not null
) strict;
create index price_model on price (account, model);

-- Evidence that came by itself, such as a webhook. It only makes us look; it moves nothing.
create table inbox(
  inbox integer primary key,
  service text not null,
  token text not null,
  digest text not null,
  body text not null,
  at text not null,
  unique (service, token, digest)
) strict;

create trigger mark_kept before update on mark begin select raise(abort, 'append_only'); end;
create trigger mark_stays before delete on mark begin select raise(abort, 'append_only'); end;
create trigger warned_kept before update on warned begin select raise(abort, 'append_only'); end;
create trigger warned_stays before delete on warned begin select raise(abort, 'append_only'); end;
create trigger price_kept before update on price begin select raise(abort, 'append_only'); end;
create trigger price_stays before delete on price begin select raise(abort, 'append_only'); end;
create trigger inbox_kept before update on inbox begin select raise(abort, 'append_only'); end;
create trigger inbox_stays before delete on inbox begin select raise(abort, 'append_only'); end;
