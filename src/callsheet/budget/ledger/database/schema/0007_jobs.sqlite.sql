-- Jobs that may be at their service now, so that they count as slots of their lane whoever looks after them. Kept by triggers: from the intent, until the
-- service has ended the job, or it is known that there is none, or it is in doubt. Like leases, this is about pace and never about money.

-- `owner`: who counts it among the slots that it leases; where that owner has no lease any more, nobody does. `since`: milliseconds since 1970.
create table at_work(
  attempt integer primary key references attempt,
  account text not null,
  model text not null,
  owner text not null,
  since integer not null
) strict;
create index at_work_lane on at_work (account, model);

create trigger job_begins after insert on event when new.kind in ('intent', 'repost', 'accepted') begin
  insert into at_work(attempt, account, model, owner, since)
    select a.attempt, a.account, a.model, coalesce(iif(new.kind = 'intent', json_extract(new.body, '$.owner'), ''), ''),
      coalesce(cast(round((julianday(new.at) - 2440587.5) * 86400000) as integer), 0)
    from attempt a where a.attempt = new.attempt
    on conflict (attempt) do update set since = excluded.since;
end;

create trigger job_ends after insert on event when new.kind in ('unsent', 'lost', 'ready', 'received', 'closed') begin
  delete from at_work where attempt = new.attempt;
end;

insert into at_work(attempt, account, model, owner, since)
  select a.attempt, a.account, a.model, '', coalesce(cast(round((julianday(e.at) - 2440587.5) * 86400000) as integer), 0)
  from attempt a join event e on e.attempt = a.attempt and e.seq = (select max(l.seq) from event l where l.attempt = a.attempt)
  where e.kind in ('intent', 'repost', 'accepted', 'cancel_asked');
