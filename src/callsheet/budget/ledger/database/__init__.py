"""Where a ledger is kept: a SQLite file or a PostgreSQL database, the schema that it is brought to, and statements compiled for it."""
