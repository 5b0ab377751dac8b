"""Pictures and sound: the only place that starts ffmpeg or opens a media file."""
