-- What guards a hold guards the request that spends it: an intent is refused where a cap that binds it is passed, where its price has changed since the
-- hold, where its lane is stopped, and where another attempt of its kind goes first. A request sent again under its key is the same purchase: its price
-- stays, and it waits while a cap is passed, its model is frozen or its lane is stopped.

-- `canary`: the kind that an attempt belongs to, where no good clip of that kind was known at the hold; null where the kind was known.
-- `prices_read`: the last row of `price` that the quote knew of; null asks for no such check.
alter table attempt add column canary text;
alter table attempt add column prices_read integer;
create index attempt_canary on attempt (canary) where canary is not null;

-- A project's lane (an account at a model) that sends nothing more; the newest row of a lane decides. `stopped` is 0 where a later run opened it again.
create table lane_stop(
  lane_stop integer primary key,
  project text not null,
  account text not null,
  model text not null,
  stopped integer not null check (stopped in (0, 1)),
  code text not null,
  why text not null,
  at text not null
) strict;
create index lane_stop_lane on lane_stop (project, account, model);

create trigger lane_stop_kept before update on lane_stop begin select raise(abort, 'append_only'); end;
create trigger lane_stop_stays before delete on lane_stop begin select raise(abort, 'append_only'); end;

create trigger intent_spends after insert on event when new.kind in ('intent', 'repost') begin
  select raise(abort, 'no_cap') where not exists (select 1 from cap_of where attempt = new.attempt and scope = 'project' and amount is not null);
  select raise(abort, 'cap_passed') where exists (select 1 from cap_of where attempt = new.attempt and amount is not null and used > amount);
  select raise(abort, 'lane_stopped') from attempt a where a.attempt = new.attempt and 1 = (
    select stopped from lane_stop s where s.project = a.project and s.account = a.account and s.model = a.model order by lane_stop desc limit 1);
  select raise(abort, 'price_moved') from attempt a join price p on p.account = a.account and p.model = a.model and p.price > a.prices_read
    where a.attempt = new.attempt and (new.kind = 'intent' or (p.kind = 'frozen' and not exists (
      select 1 from price l where l.account = a.account and l.model = a.model and l.price > p.price and l.kind = 'recorded')));
  select raise(abort, 'canary_busy') from attempt a where a.attempt = new.attempt and new.kind = 'intent' and a.canary is not null
    and not exists (
      select 1 from attempt k join event r on r.attempt = k.attempt and r.kind = 'received' where k.canary = a.canary
        and not exists (select 1 from json_each(r.body, '$.findings') f where json_extract(f.value, '$.severity') = 'fail')
        and not exists (select 1 from entry o where o.attempt = k.attempt and o.kind = 'overrun'))
    and exists (
      select 1 from attempt o where o.canary = a.canary and o.project = a.project and o.attempt <> a.attempt
        and (select e.kind from event e where e.attempt = o.attempt order by e.seq desc limit 1) in ('intent', 'repost', 'accepted', 'cancel_asked', 'ready'));
end;
