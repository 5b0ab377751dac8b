"""Requests read and answered, whatever the protocol."""
