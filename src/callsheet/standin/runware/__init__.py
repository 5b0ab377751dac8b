"""Runware's side of its protocol."""
