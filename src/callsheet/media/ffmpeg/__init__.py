"""The only place that starts ffmpeg: children, limits, workers, filter graphs."""
