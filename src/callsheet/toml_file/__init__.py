"""Files in TOML that people write: read into models, and pydantic's errors said as file, line, key, what was read and the fix."""
