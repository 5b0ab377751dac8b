"""The state of a project, read from its ledger."""
