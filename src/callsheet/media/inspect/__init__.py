"""The content of media files, read in limited child processes."""
