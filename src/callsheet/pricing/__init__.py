"""A row made legal at its model, and priced."""
