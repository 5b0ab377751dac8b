"""Loudness, peaks, and sound that makes room for sound."""
