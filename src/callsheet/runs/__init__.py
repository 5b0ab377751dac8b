"""A whole run, from its opening to its outcome."""
