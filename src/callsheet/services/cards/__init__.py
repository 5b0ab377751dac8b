"""What models sell, as dated data."""
