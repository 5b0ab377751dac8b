"""What is in a media file, looked at in limited children."""
