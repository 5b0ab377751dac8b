"""The ledger: the only SQL, and the only writer of money. `store` opens it, `write` moves it, `read` folds it, `audit` sums it again."""
