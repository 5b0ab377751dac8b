"""The ledger's tables for SQLAlchemy Core; a test compares them with the migrated schema."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table

metadata = MetaData()

identity = Table("identity", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))

run = Table(
    "run",
    metadata,
    Column("run", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("list", String, nullable=False),
    Column("at", String, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("attempt", BigInteger, primary_key=True),
    Column("project", String, nullable=False),
    Column("run", String, nullable=False),
    Column("list", String, nullable=False),
    Column("shot", String, nullable=False),
    Column("take", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("sequence", String, nullable=False),
    Column("service", String, nullable=False),
    Column("model", String, nullable=False),
    Column("account", String, nullable=False),
    Column("credential", String, nullable=False),
    Column("rehearsal", BigInteger, nullable=False),
    Column("author_print", String, nullable=False),
    Column("request_print", String, nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    Column("wire_key", String, nullable=False),
    Column("quote", BigInteger, nullable=False),
    Column("price_ref", String, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("day", String, nullable=False),
    Column("month", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("canary", String),
    Column("prices_read", BigInteger),
)

event = Table(
    "event",
    metadata,
    Column("attempt", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("body", String, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("attempt", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("d_held", BigInteger, nullable=False),
    Column("d_doubt", BigInteger, nullable=False),
    Column("d_settled", BigInteger, nullable=False),
)

cap = Table(
    "cap",
    metadata,
    Column("cap", BigInteger, primary_key=True),
    Column("scope", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("name", String, nullable=False),
    Column("source", String, nullable=False),
    Column("rehearsal", BigInteger, nullable=False),
    Column("amount", BigInteger),
    Column("used", BigInteger, nullable=False),
    Column("over", BigInteger, nullable=False),
)

cap_limit = Table(
    "cap_limit",
    metadata,
    Column("cap", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("amount", BigInteger),
    Column("at", String, nullable=False),
    Column("origin", String, nullable=False),
)

mark = Table(
    "mark",
    metadata,
    Column("mark", BigInteger, primary_key=True),
    Column("project", String, nullable=False),
    Column("list", String, nullable=False),
    Column("shot", String, nullable=False),
    Column("take", BigInteger),
    Column("attempt", BigInteger),
    Column("kind", String, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("note", String, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("body", String, nullable=False),
)

warned = Table(
    "warned",
    metadata,
    Column("cap", BigInteger, primary_key=True),
    Column("percent", BigInteger, primary_key=True),
    Column("amount", BigInteger, primary_key=True),
    Column("at", String, nullable=False),
)

price = Table(
    "price",
    metadata,
    Column("price", BigInteger, primary_key=True),
    Column("account", String, nullable=False),
    Column("model", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("origin", String, nullable=False),
    Column("at", String, nullable=False),
)

quoted = Table(
    "quoted",
    metadata,
    Column("quoted", BigInteger, primary_key=True),
    Column("account", String, nullable=False),
    Column("model", String, nullable=False),
    Column("question", String, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("at", String, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("inbox", BigInteger, primary_key=True),
    Column("service", String, nullable=False),
    Column("token", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("body", String, nullable=False),
    Column("at", String, nullable=False),
)

lane_stop = Table(
    "lane_stop",
    metadata,
    Column("lane_stop", BigInteger, primary_key=True),
    Column("project", String, nullable=False),
    Column("account", String, nullable=False),
    Column("model", String, nullable=False),
    Column("stopped", BigInteger, nullable=False),
    Column("code", String, nullable=False),
    Column("why", String, nullable=False),
    Column("at", String, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("account", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("owner", String, primary_key=True),
    Column("held", BigInteger, nullable=False),
    Column("wants", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

pace = Table(
    "pace",
    metadata,
    Column("account", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("open_at", BigInteger, nullable=False),
    Column("gap_us", BigInteger, nullable=False),
    Column("turn_at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("strikes", BigInteger, nullable=False),
    Column("good", BigInteger, nullable=False),
)

at_work = Table(
    "at_work",
    metadata,
    Column("attempt", BigInteger, primary_key=True),
    Column("account", String, nullable=False),
    Column("model", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("since", BigInteger, nullable=False),
)

#: views: the scopes in which an attempt counts, and the caps that bind it
scope_of = Table(
    "scope_of",
    MetaData(),
    Column("attempt", BigInteger),
    Column("rehearsal", BigInteger),
    Column("scope", String),
    Column("owner", String),
    Column("name", String),
)
cap_of = Table(
    "cap_of",
    MetaData(),
    Column("attempt", BigInteger),
    Column("cap", BigInteger),
    Column("scope", String),
    Column("owner", String),
    Column("name", String),
    Column("source", String),
    Column("amount", BigInteger),
    Column("used", BigInteger),
    Column("over", BigInteger),
)
