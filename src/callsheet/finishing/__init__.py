"""Turns a cut into one checked file."""
