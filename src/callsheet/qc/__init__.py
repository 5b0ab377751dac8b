"""Checks: what is wrong with a clip or a delivery, as findings."""
