"""The nouns of the trade: pure, frozen, and free of any I/O."""
