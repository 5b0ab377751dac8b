"""Lightricks' side of its protocol."""
