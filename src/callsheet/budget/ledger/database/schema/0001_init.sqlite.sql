-- The ledger. Facts are rows that are never changed: attempts, their events, their money entries, the limits that people set.
-- A cap's `used` and `over` are a cache that only the trigger on `entry` writes, in the entry's own transaction; `doctor` sums again and compares.

create table identity(
  name text primary key check (name in ('id')),
  value text not null
) strict, without rowid;

create table run(
  run text primary key,
  project text not null,
  list text not null,
  at text not null
) strict, without rowid;

-- One try to buy a take. `rehearsal` is 1 on a loopback account: counted apart, under caps of the same size.
-- `day` and `month` are stamped once, at the hold, in the project's time zone: later clocks move no money.
create table attempt(
  attempt integer primary key,
  project text not null,
  run text not null,
  list text not null,
  shot text not null,
  take integer not null check (take > 0),
  n integer not null check (n > 0),
  sequence text not null,
  service text not null,
  model text not null,
  account text not null,
  credential text not null,
  rehearsal integer not null check (rehearsal in (0, 1)),
  author_print text not null,
  request_print text not null,
  ordinal integer not null check (ordinal >= 0),
  wire_key text not null unique,
  quote integer not null check (quote > 0),
  price_ref text not null,
  request blob not null,
  day text not null,
  month text not null,
  made_at text not null,
  unique (project, list, shot, take, n)
) strict;
create index attempt_request on attempt (account, request_print);
create index attempt_author on attempt (account, author_print);

-- The attempt's life; its state is the fold of these. Writing seq n+1 is the compare-and-swap.
create table event(
  attempt integer not null references attempt,
  seq integer not null check (seq >= 0),
  kind text not null check (kind in ('hold', 'intent', 'repost', 'unsent', 'lost', 'accepted', 'cancel_asked', 'ready', 'received', 'closed', 'late')),
  at text not null,
  body text not null check (json_valid(body)),
  primary key (attempt, seq)
) strict, without rowid;
create unique index event_once on event (attempt, kind) where kind in ('hold', 'ready', 'received', 'closed');

-- The money that an event moves, micro-USD, between three buckets: held, in doubt, settled.
create table entry(
  entry integer primary key,
  attempt integer not null,
  seq integer not null,
  kind text not null,
  ref text not null default '',
  d_held integer not null,
  d_doubt integer not null,
  d_settled integer not null,
  foreign key (attempt, seq) references event (attempt, seq),
  unique (attempt, kind, ref),
  check (case kind
    when 'hold' then d_held > 0 and d_doubt = 0 and d_settled = 0
    when 'doubt' then d_held < 0 and d_doubt = -d_held and d_settled = 0
    when 'clear' then d_doubt < 0 and d_held = -d_doubt and d_settled = 0
    when 'settle' then d_held <= 0 and d_doubt <= 0 and d_held + d_doubt < 0 and d_settled between 0 and -(d_held + d_doubt)
    when 'release' then d_held <= 0 and d_doubt <= 0 and d_held + d_doubt < 0 and d_settled = 0
    when 'write_off' then d_held = 0 and d_doubt < 0 and d_settled = -d_doubt
    when 'overrun' then d_held = 0 and d_doubt = 0 and d_settled > 0
    when 'correction' then d_held = 0 and d_doubt = 0 and d_settled <> 0 and ref <> ''
    else 0 end)
) strict;

-- At most `amount` for everything in a scope. `owner` is the project, or '' for service, model and ledger. `source` says who set it: the command line,
-- project.toml or a row's max_cost_usd; each binds by itself. `amount` is null where a limit was lifted. A limit has two counters, one per `rehearsal`.
create table cap(
  cap integer primary key,
  scope text not null check (scope in ('run', 'list', 'shot', 'sequence', 'project', 'day', 'month', 'service', 'model', 'ledger')),
  owner text not null,
  name text not null,
  source text not null check (source in ('command', 'file', 'row')),
  rehearsal integer not null check (rehearsal in (0, 1)),
  amount integer check (amount >= 0),
  used integer not null default 0 check (used >= 0),
  over integer not null default 0,
  unique (scope, owner, name, source, rehearsal)
) strict;

-- Every change of a limit, with where it came from.
create table cap_limit(
  cap integer not null references cap,
  seq integer not null check (seq >= 0),
  amount integer check (amount >= 0),
  at text not null,
  origin text not null,
  primary key (cap, seq)
) strict, without rowid;

create view scope_of as
  select attempt, rehearsal, 'project' as scope, project as owner, '' as name from attempt
  union all select attempt, rehearsal, 'run', project, run from attempt
  union all select attempt, rehearsal, 'list', project, list from attempt
  union all select attempt, rehearsal, 'shot', project, list || ':' || shot from attempt
  union all select attempt, rehearsal, 'sequence', project, list || ':' || sequence from attempt
  union all select attempt, rehearsal, 'day', project, day from attempt
  union all select attempt, rehearsal, 'month', project, month from attempt
  union all select attempt, rehearsal, 'service', '', service from attempt
  union all select attempt, rehearsal, 'model', '', model from attempt
  union all select attempt, rehearsal, 'ledger', '', '' from attempt;

create view cap_of as
  select s.attempt, c.cap, c.scope, c.owner, c.name, c.source, c.amount, c.used, c.over
  from scope_of s join cap c on c.scope = s.scope and c.owner = s.owner and c.name = s.name and c.rehearsal = s.rehearsal;

create trigger entry_counts after insert on entry begin
  select raise(abort, 'attempt_negative') from (select sum(d_held) h, sum(d_doubt) d, sum(d_settled) s from entry where attempt = new.attempt)
    where h < 0 or d < 0 or s < 0;
  select raise(abort, 'no_cap') where new.kind = 'hold'
    and not exists (select 1 from cap_of where attempt = new.attempt and scope = 'project' and amount is not null);
  select raise(abort, 'cap_refused') where new.kind = 'hold'
    and exists (select 1 from cap_of where attempt = new.attempt and amount is not null and used + new.d_held > amount);
  update cap set
    used = used + new.d_held + new.d_doubt + new.d_settled,
    over = over + case when new.kind in ('overrun', 'correction') then new.d_settled else 0 end
    where cap in (select cap from cap_of where attempt = new.attempt);
end;

create trigger cap_limit_binds after insert on cap_limit begin
  update cap set amount = new.amount where cap = new.cap;
end;

create trigger identity_kept before update on identity begin select raise(abort, 'append_only'); end;
create trigger identity_stays before delete on identity begin select raise(abort, 'append_only'); end;
create trigger run_kept before update on run begin select raise(abort, 'append_only'); end;
create trigger run_stays before delete on run begin select raise(abort, 'append_only'); end;
create trigger attempt_kept before update on attempt begin select raise(abort, 'append_only'); end;
create trigger attempt_stays before delete on attempt begin select raise(abort, 'append_only'); end;
create trigger event_kept before update on event begin select raise(abort, 'append_only'); end;
create trigger event_stays before delete on event begin select raise(abort, 'append_only'); end;
create trigger entry_kept before update on entry begin select raise(abort, 'append_only'); end;
create trigger entry_stays before delete on entry begin select raise(abort, 'append_only'); end;
create trigger cap_limit_kept before update on cap_limit begin select raise(abort, 'append_only'); end;
create trigger cap_limit_stays before delete on cap_limit begin select raise(abort, 'append_only'); end;
create trigger cap_stays before delete on cap begin select raise(abort, 'append_only'); end;
