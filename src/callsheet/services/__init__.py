"""What services sell (cards) and how they talk (wires): pure functions and dated data, no I/O."""
