"""Money: the ledger, its caps, and the lanes through which it is spent."""
