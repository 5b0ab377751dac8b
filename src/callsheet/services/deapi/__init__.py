"""deAPI: its wire and its errors."""
