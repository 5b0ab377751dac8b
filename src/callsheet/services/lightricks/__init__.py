"""Lightricks' own API: its wire."""
