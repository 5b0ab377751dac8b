"""Clips joined into a film, with its sound and subtitles."""
