"""A cut becomes one checked file."""
