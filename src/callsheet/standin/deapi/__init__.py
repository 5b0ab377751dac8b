"""deAPI's side of its protocol."""
