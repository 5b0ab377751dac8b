"""Which clip is used where."""
