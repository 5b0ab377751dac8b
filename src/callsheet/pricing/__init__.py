"""Makes a row legal for its model, and prices it."""
