"""The only sender of requests to services, and downloads."""
