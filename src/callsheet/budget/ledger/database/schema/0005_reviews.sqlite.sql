-- What a review says: the marks of before, and besides who said each, in which role, and what belongs to it. SQLite can't change a table's check, so the table is
-- made anew with its rows.

-- Besides `pick`, `unpick`, `reject` and `retake`: `unreject` and `unretake` take back; `basket` and `unbasket` are of a shot that is to be retaken once the
-- basket is ordered; `trim` is of an attempt's clip (`body`: first frame, end exclusive, frames per second); `join` is of a shot (`body`: parts of its clips);
-- `note` is of an attempt (`body`: text, frame, pin, drawing), `erase` takes a note back by its `uid`; `withdraw` takes back what a client said of a shot.
-- Only the producer's rows steer plan and cut; a client's are opinions. `uid` is made where a decision is: the same one is never written twice.
create table mark_new(
  mark integer primary key,
  project text not null,
  list text not null,
  shot text not null,
  take integer,
  attempt integer references attempt,
  kind text not null check (kind in (
    'pick', 'unpick', 'reject', 'unreject', 'retake', 'unretake', 'basket', 'unbasket', 'trim', 'join', 'note', 'erase', 'withdraw')),
  upto integer not null default 0 check (upto >= 0),
  note text not null default '',
  at text not null,
  who text not null default '',
  role text not null default 'producer' check (role in ('producer', 'client-a', 'client-b')),
  uid text not null default '',
  body text not null default '{}',
  check (case
    when kind in ('retake', 'unretake', 'basket', 'unbasket', 'join', 'withdraw') then take is null and attempt is null
    when kind in ('reject', 'unreject', 'trim', 'note', 'erase') then attempt is not null
    else take is not null end)
) strict;
insert into mark_new(mark, project, list, shot, take, attempt, kind, upto, note, at)
  select mark, project, list, shot, take, attempt, kind, upto, note, at from mark order by mark;
drop table mark;
alter table mark_new rename to mark;
create index mark_shot on mark (project, list, shot);
create unique index mark_uid on mark (project, uid) where uid <> '';
create trigger mark_kept before update on mark begin select raise(abort, 'append_only'); end;
create trigger mark_stays before delete on mark begin select raise(abort, 'append_only'); end;
