"""A shot as its author wrote it: its row's values, its prompt, the frames that it refers to."""
