"""The only sender: requests to services, and downloads."""
