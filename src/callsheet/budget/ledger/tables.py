"""The ledger's tables as SQLAlchemy Core sees them; a test holds them against the migrated schema."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

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
    Column("attempt", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("run", String, nullable=False),
    Column("list", String, nullable=False),
    Column("shot", String, nullable=False),
    Column("take", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("sequence", String, nullable=False),
    Column("service", String, nullable=False),
    Column("model", String, nullable=False),
    Column("account", String, nullable=False),
    Column("credential", String, nullable=False),
    Column("rehearsal", Integer, nullable=False),
    Column("author_print", String, nullable=False),
    Column("request_print", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("wire_key", String, nullable=False),
    Column("quote", Integer, nullable=False),
    Column("price_ref", String, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("day", String, nullable=False),
    Column("month", String, nullable=False),
    Column("made_at", String, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("attempt", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("body", String, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("d_held", Integer, nullable=False),
    Column("d_doubt", Integer, nullable=False),
    Column("d_settled", Integer, nullable=False),
)

cap = Table(
    "cap",
    metadata,
    Column("cap", Integer, primary_key=True),
    Column("scope", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("name", String, nullable=False),
    Column("source", String, nullable=False),
    Column("rehearsal", Integer, nullable=False),
    Column("amount", Integer),
    Column("used", Integer, nullable=False),
    Column("over", Integer, nullable=False),
)

cap_limit = Table(
    "cap_limit",
    metadata,
    Column("cap", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("amount", Integer),
    Column("at", String, nullable=False),
    Column("origin", String, nullable=False),
)

mark = Table(
    "mark",
    metadata,
    Column("mark", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("list", String, nullable=False),
    Column("shot", String, nullable=False),
    Column("take", Integer),
    Column("attempt", Integer),
    Column("kind", String, nullable=False),
    Column("note", String, nullable=False),
    Column("at", String, nullable=False),
)

warned = Table(
    "warned",
    metadata,
    Column("cap", Integer, primary_key=True),
    Column("percent", Integer, primary_key=True),
    Column("amount", Integer, primary_key=True),
    Column("at", String, nullable=False),
)

price = Table(
    "price",
    metadata,
    Column("price", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("model", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("value", Integer, nullable=False),
    Column("origin", String, nullable=False),
    Column("at", String, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("inbox", Integer, primary_key=True),
    Column("service", String, nullable=False),
    Column("token", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("body", String, nullable=False),
    Column("at", String, nullable=False),
)

#: views: which scopes an attempt is counted in, and which caps bind it
scope_of = Table(
    "scope_of",
    MetaData(),
    Column("attempt", Integer),
    Column("rehearsal", Integer),
    Column("scope", String),
    Column("owner", String),
    Column("name", String),
)
cap_of = Table(
    "cap_of",
    MetaData(),
    Column("attempt", Integer),
    Column("cap", Integer),
    Column("scope", String),
    Column("owner", String),
    Column("name", String),
    Column("source", String),
    Column("amount", Integer),
    Column("used", Integer),
    Column("over", Integer),
)
