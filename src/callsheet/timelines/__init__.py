"""A cut for editing programs."""
