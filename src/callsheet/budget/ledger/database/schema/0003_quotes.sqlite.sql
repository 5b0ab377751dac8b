-- What services themselves said a purchase would cost, where no list names it. `question` is the digest of the request that asked;
-- an answer is used again while it is fresh.
create table quoted(
  quoted integer primary key,
  account text not null,
  model text not null,
  question text not null,
  micros integer not null check (micros > 0),
  at text not null
) strict;
create index quoted_at on quoted (at);

create trigger quoted_kept before update on quoted begin select raise(abort, 'append_only'); end;
create trigger quoted_stays before delete on quoted begin select raise(abort, 'append_only'); end;
