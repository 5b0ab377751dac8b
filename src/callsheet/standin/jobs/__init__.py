"""Jobs, their faults and their films."""
