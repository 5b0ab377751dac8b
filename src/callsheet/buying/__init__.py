"""One take, from its hold to its received clip."""
