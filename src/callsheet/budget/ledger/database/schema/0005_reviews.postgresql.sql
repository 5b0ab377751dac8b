-- What a review says; it is explained in the SQLite twin.

alter table mark drop constraint mark_kind_check;
alter table mark drop constraint mark_check;
alter table mark add column who text not null default '';
alter table mark add column role text not null default 'producer' check (role in ('producer', 'client-a', 'client-b'));
alter table mark add column uid text not null default '';
alter table mark add column body text not null default '{}';
alter table mark add constraint mark_kind_check check (kind in (
  'pick', 'unpick', 'reject', 'unreject', 'retake', 'unretake', 'basket', 'unbasket', 'trim', 'join', 'note', 'erase', 'withdraw'));
alter table mark add constraint mark_check check (case
  when kind in ('retake', 'unretake', 'basket', 'unbasket', 'join', 'withdraw') then take is null and attempt is null
  when kind in ('reject', 'unreject', 'trim', 'note', 'erase') then attempt is not null
  else take is not null end);
create unique index mark_uid on mark (project, uid) where uid <> '';
