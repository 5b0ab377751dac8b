"""Which clip stands where."""
