"""TOML files that people write: read into models, with pydantic's errors translated into file, line, key, value and fix."""
