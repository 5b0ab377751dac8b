"""Where a project stands, read from its ledger."""
