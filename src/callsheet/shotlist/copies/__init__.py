"""Copies of the user's own sheet with additions: the problems of cells, or the state of shots. The sheet itself is never written."""
