-- Jobs that may be at their service now; explained in the SQLite twin. `since` is the server's time, as that of leases is.

create table at_work(
  attempt bigint primary key references attempt,
  account text not null,
  model text not null,
  owner text not null,
  since bigint not null
);
create index at_work_lane on at_work (account, model);

create function job_begins() returns trigger language plpgsql as $$
begin
  insert into at_work(attempt, account, model, owner, since)
    select a.attempt, a.account, a.model, case when new.kind = 'intent' then coalesce(new.body::jsonb ->> 'owner', '') else '' end,
      (extract(epoch from clock_timestamp()) * 1000)::bigint
    from attempt a where a.attempt = new.attempt
    on conflict (attempt) do update set since = excluded.since;
  return null;
end $$;
create trigger job_begins after insert on event for each row when (new.kind in ('intent', 'repost', 'accepted')) execute function job_begins();

create function job_ends() returns trigger language plpgsql as $$
begin
  delete from at_work where attempt = new.attempt;
  return null;
end $$;
create trigger job_ends after insert on event for each row
  when (new.kind in ('unsent', 'lost', 'ready', 'received', 'closed')) execute function job_ends();

insert into at_work(attempt, account, model, owner, since)
  select a.attempt, a.account, a.model, '', (extract(epoch from clock_timestamp()) * 1000)::bigint
  from attempt a join event e on e.attempt = a.attempt and e.seq = (select max(l.seq) from event l where l.attempt = a.attempt)
  where e.kind in ('intent', 'repost', 'accepted', 'cancel_asked');
