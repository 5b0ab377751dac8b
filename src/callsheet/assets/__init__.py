"""The author's own files: stills, sounds, music and watermarks, read and measured."""
