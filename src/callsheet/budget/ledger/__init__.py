"""The ledger: the only SQL, and the only writer of money. `store` opens it, `write` changes it, `read` folds it, `audit` recomputes its
sums. `database` is what it is kept in, `lanes` what its processes share of a service.
"""
