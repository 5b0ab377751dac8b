"""Copies of the user's own sheet with something added: what is wrong with a cell, how a shot stands. The sheet itself is never written."""
